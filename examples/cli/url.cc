#include "human.h"
#include "program.h"

#include <fmt/format.h>

namespace cli {
namespace {

using namespace audiostore;

struct UrlArguments {
  std::string key;
  std::string expires = "1h";
  std::string download;
  std::string content_type;
  bool put = false;
};

/// A Content-Disposition by which a browser saves under `name` (RFC 6266, RFC 8187).
std::string attachment(std::string_view name) {
  constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string encoded;
  for (const char c : name) {
    encoded += plain.find(c) != std::string_view::npos ? std::string(1, c)
                                                       : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return "attachment; filename*=UTF-8''" + encoded;
}

Result<PresignRequest> request_of(const UrlArguments& arguments) {
  auto key = ObjectKey::parse(arguments.key);
  if (!key) return std::move(key).error();
  const auto expires_in = parse_duration(arguments.expires);
  if (!expires_in) return expires_in.error();
  PresignRequest request{.key = *std::move(key), .expires_in = *expires_in};
  if (!arguments.put) {
    request.response_content_type = arguments.content_type;
    if (!arguments.download.empty()) request.response_content_disposition = attachment(arguments.download);
    return request;
  }
  if (!arguments.download.empty()) {
    return Error(ErrorCode::invalid_argument, "--download says how a browser saves; it is not for --put");
  }
  request.method = PresignMethod::put;
  if (!arguments.content_type.empty()) request.signed_headers.push_back({"Content-Type", arguments.content_type});
  return request;
}

Result<void> url(const UrlArguments& arguments, Session& session) {
  const auto request = request_of(arguments);
  if (!request) return request.error();
  const auto store = session.store();
  if (!store) return store.error();
  const auto signed_request = (*store)->presign(*request);
  if (!signed_request) return signed_request.error();
  session.report.text(signed_request->url);
  session.report.field("url", signed_request->url);
  session.report.field("method", signed_request->method);
  session.report.field("expiresIn", signed_request->expires_in.count());
  session.report.field("expiresAt", utc_time(signed_request->expires_at));
  return {};
}

}  // namespace

void add_url(Program& program) {
  auto arguments = std::make_shared<UrlArguments>();
  CLI::App* command = program.app.add_subcommand("url", "a link that works without credentials until it expires");
  command->add_option("key", arguments->key, "the key of the object")->required()->type_name("KEY");
  command->add_option("--expires", arguments->expires, "how long it is good for: 90s, 15m, 1h, at most 7d")
      ->capture_default_str()
      ->type_name("TIME");
  command->add_option("--download", arguments->download, "have a browser save it under this name")->type_name("NAME");
  command->add_option("--content-type", arguments->content_type, "the type it is served with; of --put: must be sent")
      ->type_name("TYPE");
  command->add_flag("--put", arguments->put, "a link to upload with (PUT) instead");
  program.on(command, [arguments](Session& session) { return url(*arguments, session); });
}

}  // namespace cli
