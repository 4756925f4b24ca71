// What a bucket is told once: who may read it from web pages, what becomes of old objects; and its versions.
#pragma once

#include <audiostore/call_options.h>
#include <audiostore/clock.h>
#include <audiostore/error.h>
#include <audiostore/object_key.h>
#include <audiostore/object_store.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace audiostore {

class S3Client;

/// Which web pages may send which requests. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CORSRule.html
struct CorsRule {
  std::string id = {};                               ///< up to 255 characters; may be empty
  std::vector<std::string> allowed_origins;          ///< "https://app.example", at most one '*' in each; at least one
  std::vector<std::string> allowed_methods;          ///< of GET, PUT, HEAD, POST, DELETE; at least one
  std::vector<std::string> allowed_headers = {};     ///< that a page may send: "content-type", "x-amz-*"
  std::vector<std::string> expose_headers = {};      ///< that a page may read: "ETag" for browser multipart
  std::optional<std::chrono::seconds> max_age = {};  ///< for which a browser keeps the answer

  friend bool operator==(const CorsRule&, const CorsRule&) = default;
};

/// What becomes of objects by themselves; a rule does at least one thing.
/// https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html
struct LifecycleRule {
  struct Transition {
    int days = 0;
    std::string storage_class;
    friend bool operator==(const Transition&, const Transition&) = default;
  };

  std::string id;           ///< 1 to 255 characters, each rule another
  std::string prefix = {};  ///< of the keys that it is about; "" for the whole bucket
  bool enabled = true;
  std::optional<int> expire_after_days = {};            ///< since the object was put; at least 1
  std::optional<int> abort_incomplete_after_days = {};  ///< since the multipart upload began; at least 1
  std::optional<Transition> transition = {};            ///< where the provider has storage classes

  friend bool operator==(const LifecycleRule&, const LifecycleRule&) = default;
};

struct ListVersionsOptions {
  std::string prefix = {};
  std::string continuation_token = {};  ///< VersionPage::next_token of the page before
  int max_keys = 1000;                  ///< versions a page, 1 to 1,000
  CallOptions call = {};
};

/// One state that a key had.
struct ObjectVersion {
  std::string key;         ///< as stored; other programs may have stored keys that ObjectKey refuses
  std::string version_id;  ///< opaque; "null" where the bucket kept no versions then
  bool is_latest = false;
  bool is_delete_marker = false;  ///< stands for a removal: it has neither size nor ETag
  std::uint64_t size = 0;
  std::string etag = {};
  TimePoint last_modified = {};
};

struct VersionPage {
  std::vector<ObjectVersion> versions;  ///< by key, the latest of each first
  std::string next_token;               ///< empty on the last page
};

/// The bucket of an S3Store, which must live longer. Thread-safe. What the provider does not have is unsupported,
/// naming both, before anything is sent. Errors besides those named: as of every call of ObjectStore; not_found where
/// the bucket does not exist.
class S3Bucket {
 public:
  explicit S3Bucket(S3Client& client) : client_(&client) {}

  /// The CORS rules; none where none were set.
  Result<std::vector<CorsRule>> cors(const CallOptions& call = {});
  /// Makes `rules` all that there are, 100 at most; none removes the configuration. Errors: invalid_argument.
  Result<void> set_cors(std::span<const CorsRule> rules, const CallOptions& call = {});

  /// The lifecycle rules; none where none were set. Errors: unsupported where a rule says what LifecycleRule cannot, so
  /// that nobody writes back less than there was.
  Result<std::vector<LifecycleRule>> lifecycle(const CallOptions& call = {});
  /// Makes `rules` all that there are, 1,000 at most; none removes the configuration. Errors: invalid_argument.
  Result<void> set_lifecycle(std::span<const LifecycleRule> rules, const CallOptions& call = {});

  /// One page of all versions, removed ones too. Errors: invalid_argument (options, a token that is not ours).
  Result<VersionPage> list_versions(const ListVersionsOptions& options = {});
  /// Removes one version for good, or a removal's marker. Removing what is not there succeeds. Where removing an object
  /// only hides it (versioned buckets; Backblaze B2 always), this is what erases. Errors: invalid_argument.
  Result<void> remove_version(const ObjectKey& key, std::string_view version_id, const CallOptions& call = {});

 private:
  S3Client* client_;
};

}  // namespace audiostore
