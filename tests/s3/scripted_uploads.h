// A scripted store whose parts are of four bytes, and what a service says to uploads in parts.
#pragma once

#include "scripted_store.h"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace audiostore {

using Answer = ScriptedTransport::Answer;

inline constexpr const char* mark_name = "x-amz-meta-audiostore-upload";

/// A service that keeps the mark of the upload that was begun, and shows it with what is under the key.
class Remembering final : public HttpTransport {
 public:
  explicit Remembering(std::shared_ptr<HttpTransport> script) : script_(std::move(script)) {}

  Result<HttpResponse> send(const HttpRequest& request, const ResponseHandler& handler) override {
    if (const auto mark = find_header(request.headers, mark_name)) mark_ = *mark;
    const bool shows = request.method == "HEAD";
    const auto with_mark = [&](HttpResponse head) {
      if (shows) head.headers.push_back({mark_name, mark_});
      return head;
    };
    return script_->send(request, [&](const HttpResponse& head) { return handler(with_mark(head)); })
        .transform(with_mark);
  }

 private:
  std::shared_ptr<HttpTransport> script_;
  std::string mark_;
};

struct ScriptedUploads : ScriptedStore {
  explicit ScriptedUploads(int parts_in_flight = 1) {
    options.provider = S3Provider::local;
    options.endpoint = "http://127.0.0.1:9";
    options.transfer = {.multipart_threshold = 4, .part_size = 4, .parts_in_flight = parts_in_flight};
    remake();
  }

  void show_mark() {
    options.transport = std::make_shared<Remembering>(transport);
    remake();
  }

  static Answer begun(std::string_view id = "U1") {
    return {.body = fmt::format("<InitiateMultipartUploadResult><UploadId>{}</UploadId>"
                                "</InitiateMultipartUploadResult>",
                                id)};
  }
  static Answer part(std::string_view etag) { return {.headers = {{"ETag", fmt::format("\"{}\"", etag)}}}; }
  static Answer completed(std::string_view etag = "&quot;whole-3&quot;") {
    return {.body =
                fmt::format("<CompleteMultipartUploadResult><ETag>{}</ETag></CompleteMultipartUploadResult>", etag)};
  }
  /// What is under the key, of `size` bytes.
  static Answer shown(std::size_t size, std::string_view mark = {}) {
    Headers headers{{"ETag", "\"shown\""}, {"Content-Length", std::to_string(size)}};
    if (!mark.empty()) headers.push_back({mark_name, std::string(mark)});
    return {.headers = std::move(headers)};
  }
  static Answer listed_parts(std::string_view parts) {
    return {.body = fmt::format("<ListPartsResult><IsTruncated>false</IsTruncated>{}</ListPartsResult>", parts)};
  }
  static std::string listed_part(int number, std::string_view etag, std::size_t size) {
    return fmt::format("<Part><PartNumber>{}</PartNumber><ETag>\"{}\"</ETag><Size>{}</Size></Part>", number, etag,
                       size);
  }

  void on(const std::string& operation, Answer answer) { transport->on(operation, std::move(answer)); }
  /// As far as before the completion: begun, and all parts but those before `first`.
  void script_parts(int count, int first = 1) {
    if (first == 1) on("CreateMultipartUpload", begun());
    for (int number = first; number <= count; ++number) on("UploadPart", part(fmt::format("p{}", number)));
  }

  [[nodiscard]] std::vector<std::string> operations() const {
    std::vector<std::string> operations;
    for (const auto& sent : transport->sent()) operations.push_back(s3_operation(sent.request));
    return operations;
  }
  [[nodiscard]] std::size_t count(std::string_view operation) const {
    const auto all = operations();
    return static_cast<std::size_t>(std::ranges::count(all, operation));
  }
  /// The bodies of all requests of an operation, in the order in which they were sent.
  [[nodiscard]] std::vector<std::string> bodies(std::string_view operation) const {
    std::vector<std::string> bodies;
    for (const auto& sent : transport->sent()) {
      if (s3_operation(sent.request) == operation) bodies.push_back(sent.body);
    }
    return bodies;
  }
  /// The first request of an operation.
  [[nodiscard]] const HttpRequest& first(std::string_view operation) const {
    for (const auto& sent : transport->sent()) {
      if (s3_operation(sent.request) == operation) return sent.request;
    }
    throw std::runtime_error(fmt::format("no {} was sent", operation));
  }
};

inline Payload ten_bytes() { return Payload::from_string("aaaabbbbcc"); }

}  // namespace audiostore
