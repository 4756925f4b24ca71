// Any ObjectStore, served over the S3 protocol on this machine. Component audiostore::local_endpoint.
#pragma once

#include <audiostore/clock.h>
#include <audiostore/credentials.h>
#include <audiostore/object_store.h>
#include <audiostore/s3_store.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace audiostore {

struct LocalEndpointOptions {
  std::string bucket = "audiostore";
  std::string region = "us-east-1";
  /// What clients must sign with. Absent: made at random at start, see LocalEndpoint::credentials().
  std::shared_ptr<const Credentials> credentials = {};
  std::uint16_t port = 0;  ///< 0 for any free one
  /// Origins whose pages may use it (CORS), e.g. "http://localhost:8080", with at most one '*'; empty for none. Clients
  /// can allow others, see PutBucketCors.
  std::vector<std::string> allowed_origins = {};
  /// However it is uploaded. One request brings at most 5 GiB of it, as on S3.
  std::uint64_t max_object_bytes = 5ULL << 40;
  /// What every part of a multipart upload must have at least, but for the last one. S3's own limit.
  std::uint64_t min_part_bytes = 5ULL << 20;
  /// What the parts of all unfinished uploads may take of the disk, in the directory for temporary files (TMPDIR).
  std::uint64_t max_staged_bytes = 64ULL << 30;
  std::shared_ptr<const Clock> clock = system_clock();
};

/// An S3 server on 127.0.0.1 for one bucket, whose objects are those of a store.
///
/// It refuses what S3 would refuse: every request but a CORS preflight must carry a valid SigV4 signature, in the
/// header, in the query or in the form, in time (15 minutes of clock skew) and not expired, and bodies must match the
/// digests that were signed or sent. Errors are S3's own XML. Meant for development, tests and single-machine use; it
/// speaks plain HTTP and listens on loopback only.
///
/// The bucket's CORS rules and its lifecycle are kept for as long as the endpoint lives. Pages are answered by the CORS
/// rules; the lifecycle is only given back: nothing expires.
class LocalEndpoint {
 public:
  /// Starts serving on threads of its own. Errors: invalid_argument, unavailable (the port is taken).
  static Result<std::unique_ptr<LocalEndpoint>> start(std::shared_ptr<ObjectStore> store,
                                                      LocalEndpointOptions options = {});

  LocalEndpoint(const LocalEndpoint&) = delete;
  LocalEndpoint& operator=(const LocalEndpoint&) = delete;
  /// Stops: requests under way are finished or cut, threads are joined.
  ~LocalEndpoint();

  [[nodiscard]] std::string url() const;  ///< "http://127.0.0.1:PORT"
  [[nodiscard]] std::uint16_t port() const noexcept;
  [[nodiscard]] const Credentials& credentials() const noexcept;

  /// Options for make_s3_store() that reach this endpoint.
  [[nodiscard]] S3Options s3_options() const;

 private:
  class Server;
  explicit LocalEndpoint(std::unique_ptr<Server> server);
  std::unique_ptr<Server> server_;
};

}  // namespace audiostore
