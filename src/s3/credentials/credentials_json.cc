#include "s3/credentials/credentials_json.h"

#include "core/crypto.h"
#include "core/dates.h"
#include "core/text.h"
#include "s3/credentials/settings.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace audiostore {
namespace {

using nlohmann::json;

Error malformed(std::string_view what) {
  return Error(ErrorCode::corrupt, fmt::format("the reply with the credentials {}", what));
}

/// The strings of a JSON object; those that could be secret are wiped with it.
class Reply {
 public:
  explicit Reply(std::string_view text) : document_(json::parse(text, nullptr, false)) {}
  Reply(const Reply&) = delete;
  Reply& operator=(const Reply&) = delete;
  ~Reply() {
    if (!document_.is_object()) return;
    for (auto& [name, value] : document_.items()) {
      if (value.is_string()) wipe(value.get_ref<std::string&>());
    }
  }

  [[nodiscard]] bool is_object() const { return document_.is_object(); }
  [[nodiscard]] bool has_version(int version) const {
    const auto found = document_.find("Version");
    return found != document_.end() && found->is_number_integer() && *found == version;
  }
  /// "" where there is no such field, or null in it. Errors: corrupt for what is no string.
  [[nodiscard]] Result<std::string_view> text(const char* name) const {
    const auto found = document_.find(name);
    if (found == document_.end() || found->is_null()) return std::string_view();
    if (!found->is_string()) return malformed(fmt::format("has a {} that is no text", name));
    return std::string_view(found->get_ref<const std::string&>());
  }
  [[nodiscard]] Result<std::string_view> required(const char* name) const {
    auto value = text(name);
    if (value && value->empty()) return malformed(fmt::format("has no {}", name));
    return value;
  }

 private:
  json document_;
};

Result<void> check_kind(const Reply& reply, CredentialsJson kind) {
  if (!reply.is_object()) return malformed("is no JSON object");
  if (kind == CredentialsJson::process) {
    return reply.has_version(1) ? Result<void>() : malformed("has no Version, or another than 1");
  }
  const auto code = reply.text("Code");
  if (!code) return code.error();
  if (code->empty() || *code == "Success") return {};
  return Error(ErrorCode::unauthenticated, fmt::format("the metadata service answers '{}' instead of credentials",
                                                       is_code_word(*code) ? *code : "an unknown code"));
}

}  // namespace

Result<Credentials> parse_credentials_json(std::string_view text, CredentialsJson kind) {
  const Reply reply(text);
  if (auto fits = check_kind(reply, kind); !fits) return std::move(fits).error();
  const auto id = reply.required("AccessKeyId");
  if (!id) return id.error();
  const auto secret = reply.required("SecretAccessKey");
  if (!secret) return secret.error();
  const auto token = reply.text(kind == CredentialsJson::process ? "SessionToken" : "Token");
  if (!token) return token.error();
  const auto expiration = reply.text("Expiration");
  if (!expiration) return expiration.error();
  Credentials credentials{
      .access_key_id = std::string(*id), .secret_access_key = Secret(*secret), .session_token = Secret(*token)};
  if (!expiration->empty()) {
    credentials.expires_at = parse_expiration(*expiration);
    if (!credentials.expires_at) return malformed("has an Expiration that is no RFC 3339 time");
  }
  return credentials;
}

std::optional<TimePoint> parse_expiration(std::string_view text) {
  constexpr std::size_t offset_size = 6;  // "+02:00"
  if (text.ends_with('Z') || text.size() < offset_size) return parse_iso_date(text);
  const std::string_view offset = text.substr(text.size() - offset_size);
  const auto hours = parse_decimal(offset.substr(1, 2));
  const auto minutes = parse_decimal(offset.substr(4));
  const bool is_offset = (offset[0] == '+' || offset[0] == '-') && offset[3] == ':';
  if (!is_offset || !hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const auto local = parse_iso_date(std::string(text.substr(0, text.size() - offset_size)) + "Z");
  if (!local) return std::nullopt;
  const std::chrono::minutes ahead(static_cast<std::int64_t>(*hours * 60 + *minutes));
  return offset[0] == '+' ? *local - ahead : *local + ahead;
}

}  // namespace audiostore
