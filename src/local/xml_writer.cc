#include "local/xml_writer.h"

#include "core/text.h"

#include <fmt/format.h>

#include <iterator>

namespace audiostore::local {
namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD

/// The reference for a character that must not stand for itself; empty for all others. Control characters are written
/// as references, as S3 does, although XML 1.0 knows only three of them.
std::string reference(char c) {
  switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    default: return (c >= 0 && c < ' ') || c == '\x7f' ? fmt::format("&#x{:X};", static_cast<int>(c)) : "";
  }
}

/// How many bytes at the front of `text` are one well-formed character; 0 for none.
std::size_t character_length(std::string_view text) {
  for (std::size_t length = 1; length <= 4 && length <= text.size(); ++length) {
    if (is_valid_utf8(text.substr(0, length))) return length;
  }
  return 0;
}

void append_escaped(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    const std::string escaped = length == 0 ? std::string(replacement) : length == 1 ? reference(text.front()) : "";
    out.append(escaped.empty() ? text.substr(0, length) : escaped);
    text.remove_prefix(length == 0 ? 1 : length);
  }
}

}  // namespace

XmlWriter::XmlWriter(std::string_view root, std::string_view xmlns) {
  out_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  open(root);
  if (!xmlns.empty()) {
    out_.pop_back();
    fmt::format_to(std::back_inserter(out_), " xmlns=\"{}\">", xmlns);
  }
}

XmlWriter& XmlWriter::open(std::string_view name) {
  fmt::format_to(std::back_inserter(out_), "<{}>", name);
  open_.emplace_back(name);
  return *this;
}

XmlWriter& XmlWriter::close() {
  fmt::format_to(std::back_inserter(out_), "</{}>", open_.back());
  open_.pop_back();
  return *this;
}

XmlWriter& XmlWriter::text(std::string_view name, std::string_view value) { return open(name).text(value).close(); }

XmlWriter& XmlWriter::text(std::string_view value) {
  if (trim(value).empty()) {
    for (const char blank : value) fmt::format_to(std::back_inserter(out_), "&#x{:X};", static_cast<int>(blank));
  } else {
    append_escaped(out_, value);
  }
  return *this;
}

std::string XmlWriter::finish() {
  while (!open_.empty()) close();
  return std::move(out_);
}

}  // namespace audiostore::local
