// The head of a request, as LocalEndpoint reads it off the wire.
#include "fuzz/fuzz.h"
#include "local/s3_address.h"
#include "local/wire_request.h"

using namespace audiostore;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  if (const auto head = local::parse_request_head(text)) {
    fuzz::require(!head->method.empty() && !head->target.empty(), "a request has a method and a target");
    for (const auto& [name, value] : head->headers) {
      fuzz::require(value.find_first_of("\r\n") == std::string::npos, "a field is one line");
    }
    static_cast<void>(local::parse_target(head->target));
  }
  if (const auto target = local::parse_target(text)) {
    fuzz::require(target->path.starts_with('/'), "a path begins with '/'");
    for (const local::QueryParameter& parameter : target->query) {
      fuzz::require(local::find_parameter(target->query, parameter.name) == parameter.value, "a name is there once");
    }
    static_cast<void>(local::s3_address("takes.localhost:9000", target->path, "takes"));
  }
  return 0;
}
