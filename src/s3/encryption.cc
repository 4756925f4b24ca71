#include "s3/encryption.h"

#include "core/crypto.h"
#include "core/text.h"
#include "s3/json_text.h"
#include "s3/operation.h"
#include "store/attributes.h"
#include "store/options_check.h"

#include <fmt/format.h>

#include <algorithm>

namespace audiostore {
namespace {

constexpr std::size_t customer_key_bytes = 32;
constexpr std::string_view aes = "AES256";
constexpr std::string_view kms = "aws:kms";
constexpr std::string_view kms_key_header = "x-amz-server-side-encryption-aws-kms-key-id";
constexpr std::string_view customer_prefix = "x-amz-server-side-encryption-customer-";
constexpr std::string_view copy_source_prefix = "x-amz-copy-source-server-side-encryption-customer-";

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

Error bad_argument(std::string_view message) { return Error(ErrorCode::invalid_argument, message); }

Result<void> check_kms(const SseKms& encryption) {
  if (auto plain = check_headers({{std::string(kms_key_header), encryption.key_id}}); !plain) return plain;
  const bool texts = std::ranges::all_of(encryption.context, [](const auto& pair) {
    const auto is_text = [](std::string_view text) { return is_valid_utf8(text) && !has_control_character(text); };
    return is_text(pair.first) && is_text(pair.second);
  });
  return texts ? Result<void>() : bad_argument("SseKms::context must be valid UTF-8 without control characters");
}

Result<void> check_customer(const SseC& encryption, bool tls) {
  if (encryption.key.reveal().size() != customer_key_bytes) return bad_argument("SseC::key must have 32 bytes");
  return tls ? Result<void>() : bad_argument("SseC sends the key with every request: it needs an https endpoint");
}

/// A JSON object in base64, as x-amz-server-side-encryption-context wants it.
std::string context_text(const std::map<std::string, std::string>& context) {
  std::string json;
  for (const auto& [name, value] : context) {
    json += fmt::format("{}{}:{}", json.empty() ? "{" : ",", json_string(name), json_string(value));
  }
  json += '}';
  return to_base64(as_bytes(json));
}

Headers kms_headers(const SseKms& encryption) {
  Headers headers{{std::string(encryption_header), std::string(kms)}};
  if (!encryption.key_id.empty()) {
    headers.push_back({std::string(kms_key_header), encryption.key_id});
  }
  if (!encryption.context.empty()) {
    headers.push_back({"x-amz-server-side-encryption-context", context_text(encryption.context)});
  }
  return headers;
}

Headers customer_headers(std::string_view prefix, const SseC& encryption) {
  const ByteSpan key = as_bytes(encryption.key.reveal());
  return {{fmt::format("{}algorithm", prefix), std::string(aes)},
          {fmt::format("{}key", prefix), to_base64(key)},
          {fmt::format("{}key-MD5", prefix), to_base64(md5(key))}};
}

}  // namespace

Result<void> check_encryption(const S3Encryption& encryption, const ProviderProfile& profile, bool tls) {
  const auto having = [&](bool has, std::string_view what) {
    return has ? Result<void>() : unsupported(profile.name, what);
  };
  return std::visit(
      Overloaded{[](std::monostate) { return Result<void>(); },
                 [&](const SseS3&) { return having(profile.sse_s3, "SseS3"); },
                 [&](const SseKms& with) {
                   return check_kms(with).and_then([&] { return having(profile.sse_kms, "SseKms"); });
                 },
                 [&](const SseC& with) {
                   return check_customer(with, tls).and_then([&] { return having(profile.sse_c, "SseC"); });
                 }},
      encryption);
}

Headers object_encryption_headers(const S3Encryption& encryption) {
  return std::visit(Overloaded{[](std::monostate) { return Headers(); },
                               [](const SseS3&) {
                                 return Headers{{std::string(encryption_header), std::string(aes)}};
                               },
                               [](const SseKms& with) { return kms_headers(with); },
                               [](const SseC& with) { return customer_headers(customer_prefix, with); }},
                    encryption);
}

Headers encryption_headers(const S3Encryption& encryption, const S3Request& request) {
  const S3Operation& operation = operation_of(request);
  const SseC* customer = std::get_if<SseC>(&encryption);
  if (customer == nullptr) return operation.makes_object ? object_encryption_headers(encryption) : Headers();
  if (!operation.needs_key) return {};
  Headers headers = customer_headers(customer_prefix, *customer);
  if (find_header(request.headers, "x-amz-copy-source")) {
    std::ranges::move(customer_headers(copy_source_prefix, *customer), std::back_inserter(headers));
  }
  return headers;
}

Result<void> confirm_encryption(const S3Encryption& encryption, const S3Request& request, const HttpResponse& reply) {
  if (std::holds_alternative<std::monostate>(encryption) || !operation_of(request).makes_object) return {};
  const std::string told = told_encryption(reply.headers);
  const std::string_view wanted = std::holds_alternative<SseS3>(encryption)    ? aes
                                  : std::holds_alternative<SseKms>(encryption) ? kms
                                                                               : "customer";
  if (told == wanted) return {};
  return Error(ErrorCode::unsupported,
               "the service took the object, but does not say that it is encrypted as S3Options::encryption asks: "
               "remove it, or ask for what the service has")
      .with_http_status(reply.status);
}

Result<void> check_shareable(const S3Encryption& encryption) {
  if (!std::holds_alternative<SseC>(encryption)) return {};
  return Error(ErrorCode::unsupported, "whoever sends this would need the key of SseC: do it in your own program");
}

std::string told_encryption(const Headers& reply) {
  if (find_header(reply, fmt::format("{}algorithm", customer_prefix))) return "customer";
  const std::string_view told = find_header(reply, encryption_header).value_or("");
  const bool plain = std::ranges::all_of(told, [](char c) { return c > 0x20 && c < 0x7f; });
  return std::string(plain ? told : "");
}

}  // namespace audiostore
