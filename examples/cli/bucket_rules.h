// The rules of a bucket that browsers and abandoned uploads need.
#pragma once

#include <audiostore/s3_bucket.h>

#include <nlohmann/json.hpp>

#include <span>
#include <string>
#include <vector>

namespace cli {

/// What web pages do with the bucket.
struct BrowserUse {
  std::vector<std::string> origins;  ///< "https://app.example"
  bool uploads = true;               ///< send objects straight to the bucket, besides playing them
};

/// The one rule that allows it.
audiostore::CorsRule browser_rule(const BrowserUse& use);

/// What `rules` do not allow of it, a sentence each, by S3's way of matching: a preflight may be allowed by any rule;
/// what a page can read is said by the first one for its origin and method.
std::vector<std::string> missing_for_browsers(std::span<const audiostore::CorsRule> rules, const BrowserUse& use);

/// What becomes of uploads that nobody ended.
struct CleanUp {
  int abort_days = 7;        ///< parts of uploads that began so long ago are dropped
  std::string staging = {};  ///< prefix of objects that wait to be taken over; "" for none
  int staging_days = 2;      ///< those that were not are removed after so long
};

std::vector<audiostore::LifecycleRule> clean_up_rules(const CleanUp& clean_up);

std::vector<std::string> missing_for_clean_up(std::span<const audiostore::LifecycleRule> rules,
                                              const CleanUp& clean_up);

/// `rules` with `fresh` in place of the one with the same id, whose origins and methods it keeps; before all others, as
/// the first rule that matches decides.
std::vector<audiostore::CorsRule> merged(std::vector<audiostore::CorsRule> rules, const audiostore::CorsRule& fresh);
/// `rules` with those of `fresh` in place of the ones with the same ids.
std::vector<audiostore::LifecycleRule> merged(std::vector<audiostore::LifecycleRule> rules,
                                              std::span<const audiostore::LifecycleRule> fresh);

/// As `aws s3api put-bucket-cors` and `put-bucket-lifecycle-configuration` take it.
nlohmann::json to_json(std::span<const audiostore::CorsRule> rules);
nlohmann::json to_json(std::span<const audiostore::LifecycleRule> rules);

}  // namespace cli
