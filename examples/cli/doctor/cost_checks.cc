// What costs money without anybody seeing it.
#include "advice.h"
#include "checks.h"
#include "snippets.h"

#include <audiostore/s3_uploads.h>

#include <fmt/format.h>

#include <algorithm>

namespace cli::doctor {

using namespace audiostore;

namespace {

using std::chrono::seconds;

/// The uploads whose parts are counted; each costs a request.
constexpr std::size_t most_measured = 20;

/// The bytes that the parts of the first uploads hold; those that cannot be listed count nothing.
std::uint64_t bytes_in(Examination& examination, const std::vector<UnfinishedUpload>& uploads) {
  std::uint64_t bytes = 0;
  S3Uploads parts_of = examination.store->uploads();
  for (std::size_t i = 0; i < std::min(uploads.size(), most_measured); ++i) {
    const auto key = ObjectKey::parse(uploads[i].key);
    if (!key) continue;
    const auto parts = parts_of.parts(*key, uploads[i].upload_id, examination.call());
    if (!parts) continue;
    for (const StoredPart& part : *parts) bytes += part.size;
  }
  return bytes;
}

std::string describe(Examination& examination, const std::vector<UnfinishedUpload>& uploads, seconds age) {
  const double mib = static_cast<double>(bytes_in(examination, uploads)) / (1024.0 * 1024.0);
  return fmt::format("{} unfinished upload{}, the oldest {} old, {}{:.1f} MiB that are charged for", uploads.size(),
                     uploads.size() == 1 ? "" : "s", in_words(age), uploads.size() > most_measured ? "over " : "", mib);
}

/// A permission that only these checks need: without it the bucket works.
Finding not_allowed(const Error& error, const Permission& permission, const Examination& examination) {
  Finding finding = explain(error, permission, examination);
  if (error.code() == ErrorCode::permission_denied) finding.status = Status::warning;
  return finding;
}

bool ends_uploads(const LifecycleRule& rule, std::string_view prefix) {
  return rule.enabled && rule.abort_incomplete_after_days && prefix.starts_with(rule.prefix);
}

}  // namespace

Findings check_uploads(Examination& examination) {
  const auto uploads =
      examination.store->list_uploads({.prefix = examination.subject.prefix, .call = examination.call()});
  if (!uploads) {
    return {not_allowed(uploads.error(), {"s3:ListBucketMultipartUploads", "list unfinished uploads"}, examination)};
  }
  if (uploads->empty()) return {ok("no unfinished uploads")};
  const auto oldest = std::ranges::min_element(*uploads, {}, &UnfinishedUpload::begun);
  const TimePoint now = examination.subject.options.clock->now() + examination.clock_offset.value_or(seconds(0));
  const auto age = std::chrono::duration_cast<seconds>(now - oldest->begun);
  const std::string found = describe(examination, *uploads, age);
  if (age < std::chrono::days(1)) return {ok(found + "; they may be under way")};
  return {warning(found, "abort them, and set a lifecycle rule that does so by itself", abort_uploads_rule())};
}

Findings check_lifecycle(Examination& examination) {
  if (!examination.store->features().lifecycle) {
    return {
        skipped("this service is not known to have lifecycle rules by the S3 protocol; set them in its console, or "
                "abort unfinished uploads by a program")};
  }
  const auto rules = examination.store->bucket().lifecycle(examination.call());
  if (!rules && rules.error().code() == ErrorCode::unsupported) {
    return {skipped("there are rules that say more than audiostore can read: " + rules.error().message())};
  }
  if (!rules && rules.error().code() == ErrorCode::permission_denied && examination.provider() == S3Provider::r2) {
    return {skipped("object tokens may not read the rules; a new R2 bucket ends unfinished uploads after 7 days")};
  }
  if (!rules) {
    return {not_allowed(rules.error(), {"s3:GetLifecycleConfiguration", "read the lifecycle rules"}, examination)};
  }
  const auto rule = std::ranges::find_if(
      *rules, [&](const LifecycleRule& each) { return ends_uploads(each, examination.subject.prefix); });
  if (rule != rules->end()) {
    return {ok(fmt::format("unfinished uploads end after {} days", *rule->abort_incomplete_after_days))};
  }
  return {warning("no rule ends unfinished uploads, whose parts are charged for until somebody does",
                  "run 'audiostore lifecycle apply', or add this rule in the bucket's console", abort_uploads_rule())};
}

}  // namespace cli::doctor
