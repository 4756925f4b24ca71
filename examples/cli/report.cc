#include "report.h"

#include <fmt/format.h>

#include <cstdio>

namespace cli {

using audiostore::Error;

void Report::text(std::string_view line) {
  if (!json_) fmt::print("{}\n", line);
}

void Report::list(const char* name) { list_ = name; }

void Report::item(const char* list, const nlohmann::json& item) {
  if (!json_) return;
  fmt::print("{}\n{}", in_list_ ? "," : fmt::format("{{\"{}\":[", list), dump(item));
  in_list_ = true;
}

void Report::field(const char* name, nlohmann::json value) {
  if (json_) document_[name] = std::move(value);
}

void Report::fail(const Error& error, std::string_view subject) {
  set_exit(exit_code_of(error.code()));
  if (json_) {
    errors_.push_back(to_json(error));
    if (!subject.empty()) errors_.back()["subject"] = subject;
    return;
  }
  std::fflush(stdout);
  const std::string of = subject.empty() ? std::string() : printable(subject) + ": ";
  fmt::print(stderr, "audiostore: {}{}\n", of, error.to_string());
}

void Report::note(std::string_view line) {
  if (json_) return;
  std::fflush(stdout);
  fmt::print(stderr, "{}\n", line);
}

void Report::set_exit(ExitCode code) {
  if (!code_) code_ = code;
}

void Report::publish() {
  if (json_) print_document();
  published_ = true;
  std::fflush(stdout);
}

void Report::print_document() {
  document_["errors"] = errors_;
  document_["success"] = !failed();
  if (list_ != nullptr && !in_list_) document_[list_] = nlohmann::json::array();
  const std::string rest = dump(document_);
  fmt::print("{}{}\n", in_list_ ? "\n]," : "{", std::string_view(rest).substr(1));
}

ExitCode Report::finish() {
  if (json_ && (!published_ || failed())) print_document();
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    fmt::print(stderr, "audiostore: standard output cannot be written\n");
    set_exit(ExitCode::failed);
  }
  return code_.value_or(ExitCode::ok);
}

nlohmann::json to_json(const Error& error) {
  nlohmann::json json{{"code", to_string(error.code())}, {"message", error.message()}};
  if (!error.operation().empty()) json["operation"] = error.operation();
  if (!error.key().empty()) json["key"] = error.key();
  if (error.http_status() != 0) json["httpStatus"] = error.http_status();
  if (!error.service_code().empty()) json["serviceCode"] = error.service_code();
  if (!error.request_id().empty()) json["requestId"] = error.request_id();
  json["retryable"] = error.retryable();
  return json;
}

std::string dump(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool c1 = byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (byte >= 0x20 && byte != 0x7F && !c1) {
      out += text[i];
      continue;
    }
    if (c1) ++i;
    out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[i]));
  }
  return out;
}

}  // namespace cli
