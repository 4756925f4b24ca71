#include "report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace cli {

using audiostore::Error;

namespace {

/// The bytes of the UTF-8 character that `text` begins with; 0 where it begins with none.
std::size_t character_size(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 0x80) return 1;
  const std::size_t size = 2U + (first < 0xE0 ? 0U : 1U) + (first < 0xF0 ? 0U : 1U);
  if (first < 0xC2 || first > 0xF4 || size > text.size()) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U) return 0;
  }
  return size;
}

/// Whether a terminal obeys it instead of showing it: C0, DEL, C1, and what turns the direction of the text around it
/// (U+202A to U+202E, U+2066 to U+2069), by which one name can look like another.
bool gives_orders(std::string_view character) {
  if (character.size() == 1) return static_cast<unsigned char>(character[0]) < 0x20 || character[0] == 0x7F;
  if (character.size() == 2) return character >= "\xC2\x80" && character < "\xC2\xA0";
  return (character >= "\xE2\x80\xAA" && character <= "\xE2\x80\xAE") ||
         (character >= "\xE2\x81\xA6" && character <= "\xE2\x81\xA9");
}

}  // namespace

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
  return exit_code();
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
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(size, 1));
    if (size == 0 || gives_orders(character)) {
      for (const char byte : character) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
    } else {
      out += character;
    }
    text.remove_prefix(character.size());
  }
  return out;
}

}  // namespace cli
