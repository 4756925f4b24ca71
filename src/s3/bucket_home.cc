#include "s3/bucket_home.h"

#include "core/text.h"
#include "s3/aws_host.h"

#include <algorithm>
#include <optional>

namespace audiostore {
namespace {

bool is_redirect(int status) { return status == 301 || status == 302 || status == 307 || status == 308; }

/// AWS names the bucket's region on many replies. It is an answer where the region or the place was wrong; the reply to
/// a HEAD has no body to say which.
bool is_about_place(const Failure& failure) {
  return is_redirect(failure.reply.status) || failure.document.code == "AuthorizationHeaderMalformed" ||
         (failure.reply.status == 400 && failure.document.code.empty());
}

/// The region that a reply names; "" where it names none, or nothing that can be one.
std::string told_region(const Failure& failure) {
  std::string region = failure.document.region;
  if (region.empty()) region = find_header(failure.reply.headers, "x-amz-bucket-region").value_or("");
  constexpr std::size_t longest = 63;
  const bool plain =
      region.size() <= longest && std::ranges::all_of(region, [](char c) { return c == '-' || is_alphanumeric(c); });
  return plain ? region : "";
}

/// The host of Location, which is a URL, or of <Endpoint>, which is a host. "" for anything but a plain https one.
std::string told_host(const Failure& failure) {
  constexpr std::string_view https = "https://";
  std::string_view target = find_header(failure.reply.headers, "Location").value_or("");
  if (target.starts_with(https)) {
    target.remove_prefix(https.size());
    return to_lower(target.substr(0, target.find_first_of("/?#")));
  }
  return target.empty() ? to_lower(failure.document.endpoint) : "";
}

/// S3's own host among those of a redirect: the bucket's name in front of it is left out.
std::optional<AwsHost> told_aws_host(const Failure& failure, std::string_view bucket) {
  const std::string host = told_host(failure);
  const std::string in_front = std::string(bucket) + ".";
  return AwsHost::parse(std::string_view(host).substr(host.starts_with(in_front) ? in_front.size() : 0));
}

}  // namespace

std::shared_ptr<const BucketHome> next_home(const BucketHome& from, const Failure& failure) {
  if (!is_about_place(failure)) return nullptr;
  const std::string region = told_region(failure);
  const bool is_news = !region.empty() && region != from.region;
  auto here = AwsHost::parse(from.endpoint.service_host());
  if (!from.endpoint.uses_tls()) here.reset();

  if (is_news) {
    // Each region has its own hosts; elsewhere one host may serve them all.
    if (!here || here->china != region.starts_with("cn-")) return std::make_shared<BucketHome>(from.endpoint, region);
    here->region = region;
    return std::make_shared<BucketHome>(from.endpoint.on_service_host(here->to_string()), region);
  }
  if (!here || !is_redirect(failure.reply.status)) return nullptr;
  const auto there = told_aws_host(failure, from.endpoint.bucket());
  if (!there || there->china != here->china || there->to_string() == here->to_string()) return nullptr;
  return std::make_shared<BucketHome>(from.endpoint.on_service_host(there->to_string()),
                                      there->region.empty() ? from.region : there->region, failure.reply.status == 307);
}

}  // namespace audiostore
