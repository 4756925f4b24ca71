// Signer and verifier, which share no code: what the one signs the other takes, in both forms, and not a byte else.
// Input: method, key, then lines "name=value" of the query and "Name: value" of the headers.
#include "core/text.h"
#include "fuzz/fuzz.h"
#include "local/request_verifier.h"
#include "local/wire_request.h"
#include "s3/sigv4.h"
#include "store/attributes.h"

#include <algorithm>
#include <set>

using namespace audiostore;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view host = "takes.example.com";
const TimePoint now = TimePoint(std::chrono::seconds(1'369'353'600));

class FixedClock final : public Clock {
  [[nodiscard]] TimePoint now() const override { return ::now; }
};

const std::shared_ptr<const Credentials>& credentials() {
  static const auto made = std::make_shared<const Credentials>(
      Credentials{.access_key_id = "AKID", .secret_access_key = Secret("secret"), .session_token = Secret("token+/=")});
  return made;
}

const local::RequestVerifier& verifier() {
  static const local::RequestVerifier made(credentials(), "us-east-1", std::make_shared<FixedClock>());
  return made;
}

struct Input {
  std::string method;
  std::string key;
  std::vector<sigv4::QueryParameter> query = {};
  Headers headers = {};
};

/// Only what the wire can carry and the endpoint reads as one thing.
Input read_input(std::string_view text) {
  Input input{.method = std::string(fuzz::take_line(text)), .key = std::string(fuzz::take_line(text))};
  std::set<std::string> names;
  while (!text.empty()) {
    const std::string_view line = fuzz::take_line(text);
    const auto colon = line.find(": ");
    const auto equals = line.find('=');
    if (colon != std::string_view::npos) {
      Header header{std::string(line.substr(0, colon)), std::string(line.substr(colon + 2))};
      const std::string lower = to_lower(header.name);
      const bool reserved = lower == "host" || lower == "authorization" || lower.starts_with("x-amz-date") ||
                            lower == "x-amz-content-sha256" || lower == "x-amz-security-token";
      if (check_headers({header}) && !reserved && !sigv4::is_unsignable(lower) && names.insert(lower).second) {
        input.headers.push_back(std::move(header));
      }
    } else if (equals != std::string_view::npos && equals > 0) {
      std::string name(line.substr(0, equals));
      const bool reserved = to_lower(name).starts_with("x-amz-") || name == "Signature";  // the latter is SigV2's
      if (!reserved && names.insert("?" + name).second) {
        input.query.emplace_back(std::move(name), line.substr(equals + 1));
      }
    }
  }
  return input;
}

bool verifies(const std::string& method, const std::string& target, const Headers& headers) {
  const auto parsed = local::parse_target(target);
  return parsed && verifier().verify({method, *parsed, headers}).has_value();
}

void check_in_headers(const Input& input, const std::string& path, const sigv4::SigningKey& key) {
  sigv4::Request request{.method = input.method,
                         .path = path,
                         .query = sigv4::canonical_query(input.query),
                         .headers = input.headers,
                         .payload_hash = std::string(sigv4::empty_payload_hash)};
  request.headers.push_back({"Host", std::string(host)});
  const sigv4::Request made = sigv4::sign(std::move(request), now, key);
  const std::string target = made.query.empty() ? made.path : made.path + "?" + made.query;
  if (!local::parse_target(target)) return;  // names that the endpoint refuses to read at all
  fuzz::require(verifies(input.method, target, made.headers), "what is signed in headers verifies");
  fuzz::require(!verifies(input.method, target + (made.query.empty() ? "?x=" : "&zz9="), made.headers),
                "a parameter that was not signed is refused");
  fuzz::require(!verifies(input.method + "X", target, made.headers), "another method is refused");
}

void check_in_query(const Input& input, const std::string& path, const sigv4::SigningKey& key) {
  std::string url = std::string("https://").append(host);
  const std::size_t begin = url.size();
  url = sigv4::presign(url + path,
                       {.method = input.method,
                        .host = host,
                        .path_begin = begin,
                        .parameters = input.query,
                        .headers = input.headers,
                        .expires_in = 60s},
                       now, key);
  const std::string target = url.substr(begin);
  if (!local::parse_target(target)) return;
  Headers headers = input.headers;
  headers.push_back({"Host", std::string(host)});
  fuzz::require(verifies(input.method, target, headers), "what is signed in the query verifies");
  fuzz::require(!verifies(input.method, target + "0", headers), "a longer signature is refused");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Input input = read_input(fuzz::text_of(data, size));
  const auto object = ObjectKey::parse(input.key);
  if (!object || !is_token(input.method)) return 0;
  static const sigv4::SigningKey key(*credentials(), "20130524", {.region = "us-east-1"});
  const std::string path = "/" + uri_encode(object->str(), UriPart::path);
  check_in_headers(input, path, key);
  check_in_query(input, path, key);
  return 0;
}
