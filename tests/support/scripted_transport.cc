#include "support/scripted_transport.h"

#include <fmt/format.h>

namespace audiostore {
namespace {

/// The query without values: "?uploadId=x&partNumber=1" has "uploadId" and "partNumber".
bool has_parameter(std::string_view url, std::string_view name) {
  const auto question = url.find('?');
  for (auto at = question; at != std::string_view::npos; at = url.find('&', at + 1)) {
    const std::string_view rest = url.substr(at + 1);
    if (rest.substr(0, rest.find_first_of("=&")) == name) return true;
  }
  return false;
}

}  // namespace

std::string s3_operation(const HttpRequest& request) {
  const auto has = [&](std::string_view name) { return has_parameter(request.url, name); };
  const bool copies = find_header(request.headers, "x-amz-copy-source").has_value();
  if (request.method == "HEAD") return "HeadObject";
  if (request.method == "POST") {
    return has("delete") ? "DeleteObjects" : has("uploads") ? "CreateMultipartUpload" : "CompleteMultipartUpload";
  }
  if (request.method == "DELETE") return has("uploadId") ? "AbortMultipartUpload" : "DeleteObject";
  if (request.method == "PUT") {
    if (has("partNumber")) return copies ? "UploadPartCopy" : "UploadPart";
    return copies ? "CopyObject" : "PutObject";
  }
  if (has("uploadId")) return "ListParts";
  if (has("uploads")) return "ListMultipartUploads";
  return has("list-type") ? "ListObjects" : "GetObject";
}

ScriptedTransport::~ScriptedTransport() {
  if (std::uncaught_exceptions() > 0) return;  // the test has failed already, and said why
  const std::string left = left_over();
  CHECK(left == "");
}

std::string ScriptedTransport::left_over() const {
  std::string left = answers_.empty() ? "" : fmt::format("{} of any operation ", answers_.size());
  for (const auto& [operation, answers] : by_operation_) {
    if (!answers.empty()) left += fmt::format("{} of {} ", answers.size(), operation);
  }
  return left;
}

std::optional<ScriptedTransport::Answer> ScriptedTransport::take_answer(const std::string& operation) {
  const auto own = by_operation_.find(operation);
  auto& answers = own != by_operation_.end() && !own->second.empty() ? own->second : answers_;
  if (answers.empty()) return std::nullopt;
  Answer answer = std::move(answers.front());
  answers.pop_front();
  return answer;
}

Result<HttpResponse> ScriptedTransport::send(const HttpRequest& request, const ResponseHandler& handler) {
  const std::scoped_lock lock(mutex_);
  Sent sent{request, {}};
  auto read = request.body.read_all([&](ByteSpan piece) -> Result<void> {
    sent.body.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    return {};
  });
  if (!read) return std::move(read).error();
  sent_.push_back(std::move(sent));
  const auto answer = take_answer(s3_operation(request));
  if (!answer) return Error(ErrorCode::internal, "the script has no answer left");
  if (answer->before) answer->before();
  if (answer->failure && answer->status == 0) return *answer->failure;

  HttpResponse response{.status = answer->status, .headers = answer->headers, .sends = answer->sends};
  auto sink = handler(response);
  if (!sink) return std::move(sink).error();
  if (!answer->body.empty()) {
    if (auto taken = (*sink)(as_bytes(answer->body)); !taken) return std::move(taken).error();
  }
  if (answer->failure) return *answer->failure;
  return response;
}

ScriptedTransport::Answer no_answer(ErrorCode code) {
  return {.status = 0, .failure = Error(code, "the connection failed")};
}

ScriptedTransport::Answer refusal(int status, std::string_view service_code, Headers headers) {
  return {.status = status,
          .headers = std::move(headers),
          .body = fmt::format("<Error><Code>{}</Code><RequestId>R1</RequestId></Error>", service_code)};
}

}  // namespace audiostore
