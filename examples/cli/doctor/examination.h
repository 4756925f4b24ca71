// One run of the doctor: what is examined, and what the checks have learnt so far.
#pragma once

#include "finding.h"
#include "network.h"
#include "witness.h"

#include <audiostore/s3_store.h>

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace cli::doctor {

struct Subject {
  audiostore::S3Options options;     ///< without a transport: one of its own
  std::string bucket_source = {};    ///< who named the bucket, e.g. "AWS_S3_BUCKET"; "" where nobody said
  std::string endpoint_source = {};  ///< likewise
  std::string region_source = {};    ///< likewise
  std::string bad_provider = {};     ///< who named a provider that nobody knows, e.g. "AUDIOSTORE_PROVIDER"
  std::string prefix = {};           ///< under which the probe object is written; "" for the bucket's top
  std::string origin = {};           ///< whose pages the CORS rules have to allow; "" for not to ask
  std::chrono::milliseconds patience = std::chrono::seconds(5);  ///< for a connection, and for TLS on it
  std::stop_token stop = {};
};

/// An object's URL taken apart. None of it is secret.
struct Address {
  bool tls = true;
  Place place;             ///< the port's default filled in
  std::string object_url;  ///< without a query
  std::string bucket_url;  ///< likewise
  bool bucket_in_host = false;
};

/// The object that is written, read, signed for, asked for without credentials, and removed again.
struct Probe {
  audiostore::ObjectKey key;
  std::string body;
  bool may_exist = false;  ///< a put was tried and no removal has succeeded since
};

class Examination {
 public:
  /// Fails where the prefix makes no key.
  static audiostore::Result<std::unique_ptr<Examination>> make(Subject subject);
  Examination(const Examination&) = delete;
  Examination& operator=(const Examination&) = delete;
  /// Removes the probe object, if it may still be there.
  ~Examination();

  /// For one step: stopped by Ctrl-C, and short, since a person is waiting.
  [[nodiscard]] audiostore::CallOptions call() const {
    return {.stop = subject.stop, .deadline = std::chrono::seconds(20)};
  }

  /// Where the probe object is or would be, as the library makes URLs; needs no credentials that work. Errors:
  /// invalid_argument, naming what of the settings is wrong.
  [[nodiscard]] audiostore::Result<Address> address() const;

  /// Who is asked, as the endpoint's host tells, or as the options say.
  [[nodiscard]] audiostore::S3Provider provider() const;

  /// Also with what a bucket of versions keeps of it, where that is allowed. Not stopped by Ctrl-C.
  audiostore::Result<void> remove_probe();

  /// A request as anybody's, signed with nothing but what its URL says.
  audiostore::Result<Fetched> fetch(const std::string& method, const std::string& url,
                                    const audiostore::Headers& headers = {}, const std::string& body = {});

  Subject subject;
  std::shared_ptr<Witness> witness;
  Probe probe;

  // What the checks learn. Each is there for those that need the check that sets it.
  std::unique_ptr<audiostore::S3Store> store;                  // settings
  std::shared_ptr<const audiostore::Credentials> credentials;  // credentials
  std::optional<std::chrono::seconds> clock_offset;            // clock: theirs minus ours
  std::optional<audiostore::Error> listing_failure;            // signature

 private:
  Examination(Subject given, Probe probed);
};

}  // namespace cli::doctor
