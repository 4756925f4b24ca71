// A bucket's address: how a key becomes a URL, and how such a URL becomes a key again.
#pragma once

#include <audiostore/error.h>
#include <audiostore/object_key.h>
#include <audiostore/s3_store.h>

#include "s3/provider.h"

#include <string>
#include <string_view>

namespace audiostore {

/// Where one bucket is served. Immutable.
///
/// Invariant: every URL begins with url_prefix(), whose host is lower-case and whose port is absent where it is the
/// scheme's default.
class S3Endpoint {
 public:
  /// Reads "scheme://host[:port][/prefix]" and checks it together with the bucket's name. `automatic` puts the bucket
  /// into the host where that is possible.
  /// Errors: invalid_argument, naming what is wrong with which of them.
  static Result<S3Endpoint> make(std::string_view endpoint, std::string_view bucket, AddressingStyle style,
                                 bool allow_http);

  [[nodiscard]] const std::string& host() const noexcept { return host_; }  ///< as the Host header has it
  [[nodiscard]] const std::string& bucket() const noexcept { return bucket_; }
  /// The host without the bucket's name, as the caller gave it.
  [[nodiscard]] std::string_view service_host() const noexcept {
    return std::string_view(host_).substr(in_host_ ? bucket_.size() + 1 : 0);
  }
  /// The same bucket, addressed in the same way, on another host of the service. REQUIRES: a lower-case host name.
  [[nodiscard]] S3Endpoint on_service_host(std::string_view host) const;
  [[nodiscard]] bool uses_tls() const noexcept { return origin_.starts_with("https:"); }

  /// "https://host" of every URL; the path begins behind it.
  [[nodiscard]] const std::string& origin() const noexcept { return origin_; }
  [[nodiscard]] std::string bucket_path() const;                      ///< encoded; never empty
  [[nodiscard]] std::string object_path(const ObjectKey& key) const;  ///< encoded
  /// origin() and object_path(), with room for `spare` more bytes.
  [[nodiscard]] std::string object_url(const ObjectKey& key, std::size_t spare = 0) const;

  /// The inverse of object_url(): the URL may also carry the query of a presigned one, and nothing else. Every URL that
  /// is spelled otherwise is refused, though it may mean the same. Errors: invalid_argument.
  [[nodiscard]] Result<ObjectKey> key_from_url(std::string_view url) const;

 private:
  S3Endpoint() = default;
  std::string origin_;
  std::string host_;
  std::string base_path_;  // encoded, without a trailing '/': "", "/bucket" or "/storage/v1/s3/bucket"
  std::string bucket_;
  bool in_host_ = false;  // the bucket's name
};

/// The host of an endpoint URL in lower case, without port; empty if it is none.
std::string endpoint_host(std::string_view endpoint);

}  // namespace audiostore
