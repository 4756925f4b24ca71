// Writing, reading and removing the probe object.
#include "advice.h"
#include "checks.h"

#include <fmt/format.h>

namespace cli::doctor {

using namespace audiostore;

namespace {

constexpr Permission write_objects{"s3:PutObject", "write objects"};
constexpr Permission read_objects{"s3:GetObject", "read objects"};
constexpr Permission remove_objects{"s3:DeleteObject", "remove objects"};

}  // namespace

Findings check_write(Examination& examination) {
  Probe& probe = examination.probe;
  probe.may_exist = true;  // also where the reply is lost
  const auto put = examination.store->put(probe.key, Payload::from_string(probe.body),
                                          {.attributes = {.content_type = "text/plain"}, .call = examination.call()});
  if (put) return {ok(fmt::format("may write objects ({})", probe.key.str()))};
  if (put.error().http_status() / 100 == 4) probe.may_exist = false;
  return {explain(put.error(), write_objects, examination)};
}

Findings check_read(Examination& examination) {
  std::string body;
  const ByteSink keep = [&](ByteSpan bytes) -> Result<void> {
    body.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  };
  const auto got = examination.store->get(examination.probe.key, keep, {.call = examination.call()});
  if (!got) return {explain(got.error(), read_objects, examination)};
  if (body == examination.probe.body) return {ok("may read objects, and the bytes are those that were written")};
  return {problem("the bytes that were read are not those that were written",
                  "look for a proxy or cache in between that changes them")};
}

Findings check_delete(Examination& examination) {
  if (auto removed = examination.remove_probe(); !removed) {
    Finding finding = explain(removed.error(), remove_objects, examination);
    finding.found += fmt::format("; {} is still there: remove it by hand", examination.probe.key.str());
    return {finding};
  }
  const auto head = examination.store->head(examination.probe.key, {.call = examination.call()});
  if (!head && head.error().code() == ErrorCode::not_found) return {ok("may remove objects; the probe object is gone")};
  if (!head && head.error().code() == ErrorCode::permission_denied) {
    return {
        ok("may remove objects; the probe object is gone, which is told by 403, not 404, to those who may not list "
           "the whole bucket")};
  }
  return {problem(fmt::format("{} was removed, and is still there", examination.probe.key.str()),
                  "look for a cache in between, and remove the object by hand")};
}

}  // namespace cli::doctor
