// What clients have told the bucket: its CORS rules and its lifecycle.
#pragma once

#include "s3/xml_tree.h"

#include <audiostore/error.h>
#include <audiostore/s3_bucket.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace audiostore::local {

/// A <CORSConfiguration>, and what it says.
struct CorsSettings {
  XmlNode document;
  std::vector<CorsRule> rules;
};

/// Read as S3 does, which is stricter than a client has to be. Errors: S3's MalformedXML, InvalidRequest.
/// Source: AWS, "PutBucketCors" (S3 API reference).
Result<CorsSettings> read_cors_settings(std::string_view xml);

/// A <LifecycleConfiguration>; rules without an ID have got one. Errors: S3's MalformedXML, InvalidRequest,
/// InvalidArgument. Source: AWS, "PutBucketLifecycleConfiguration" (S3 API reference).
Result<XmlNode> read_lifecycle_settings(std::string_view xml);

/// The document as it was sent, but for what carries no meaning.
std::string write_settings(const XmlNode& document);

/// Keeps the settings for as long as it lives. Nobody carries a lifecycle out. Thread-safe.
class BucketSettings {
 public:
  /// nullptr where there is none.
  [[nodiscard]] std::shared_ptr<const CorsSettings> cors() const { return get(cors_); }
  [[nodiscard]] std::shared_ptr<const XmlNode> lifecycle() const { return get(lifecycle_); }
  void set(std::shared_ptr<const CorsSettings> settings) { put(cors_, std::move(settings)); }
  void set(std::shared_ptr<const XmlNode> settings) { put(lifecycle_, std::move(settings)); }

 private:
  template <class T>
  T get(const T& settings) const {
    const std::lock_guard lock(mutex_);
    return settings;
  }
  template <class T>
  void put(T& place, T settings) {
    const std::lock_guard lock(mutex_);
    place.swap(settings);
  }

  mutable std::mutex mutex_;
  std::shared_ptr<const CorsSettings> cors_;
  std::shared_ptr<const XmlNode> lifecycle_;
};

}  // namespace audiostore::local
