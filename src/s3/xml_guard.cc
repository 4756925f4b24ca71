#include "s3/xml_guard.h"

#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

namespace audiostore {
namespace {

constexpr std::size_t max_depth = 16;
constexpr std::size_t max_tag_bytes = 1024;
constexpr std::ptrdiff_t max_attributes = 16;
constexpr std::string_view blanks = " \t\r\n";

/// The code point of a character reference's body ("#38", "#x26"), if XML 1.0 allows that character.
bool is_allowed_reference(std::string_view body) {
  if (!body.starts_with('#')) {
    return body == "lt" || body == "gt" || body == "amp" || body == "quot" || body == "apos";
  }
  body.remove_prefix(1);
  const bool hex = body.starts_with('x');
  if (hex) body.remove_prefix(1);
  unsigned value = 0;
  const auto [end, error] = std::from_chars(body.data(), body.data() + body.size(), value, hex ? 16 : 10);
  if (error != std::errc() || end != body.data() + body.size()) return false;
  const bool white = value == '\t' || value == '\n' || value == '\r';
  return white || (value >= 0x20 && value < 0xd800) || (value >= 0xe000 && value < 0xfffe) ||
         (value >= 0x10000 && value <= 0x10ffff);
}

/// Walks over the document tag by tag and text by text.
class Scanner {
 public:
  Scanner(std::string_view document, std::size_t max_elements) : document_(document), max_elements_(max_elements) {}

  std::optional<std::string_view> first_fault() {
    skip_declaration();
    while (at_ < document_.size()) {
      const auto fault = document_[at_] == '<' ? scan_tag() : scan_text();
      if (fault) return fault;
    }
    if (!open_.empty() || !seen_root_) return "it ends before its root element does";
    return std::nullopt;
  }
  [[nodiscard]] std::size_t position() const { return at_; }

 private:
  using Fault = std::optional<std::string_view>;

  struct Element {
    std::string_view name;
    bool has_text = false;
    bool has_elements = false;
    /// Parsers give back a part of such text.
    [[nodiscard]] bool is_mixed() const { return has_text && has_elements; }
  };

  void skip_declaration() {
    if (document_.starts_with("\xef\xbb\xbf")) at_ = 3;
    at_ = std::min(document_.find_first_not_of(blanks, at_), document_.size());
    if (document_.substr(at_).starts_with("<?xml ")) {
      const auto end = document_.find("?>", at_);
      at_ = end == std::string_view::npos || end - at_ > max_tag_bytes ? at_ : end + 2;
    }
  }

  Fault scan_text() {
    const std::size_t end = std::min(document_.find('<', at_), document_.size());
    const std::string_view text = document_.substr(at_, end - at_);
    if (open_.empty() && text.find_first_not_of(blanks) != std::string_view::npos)
      return "text outside of the root element";
    if (!open_.empty() && text.find_first_not_of(blanks) != std::string_view::npos) open_.back().has_text = true;
    if (!open_.empty() && open_.back().is_mixed()) return "text beside elements";
    if (text.find("]]>") != std::string_view::npos) return "']]>' in text";
    if (const auto fault = check_references(text)) return fault;
    at_ = end;
    return std::nullopt;
  }

  Fault scan_tag() {
    if (at_ + 1 < document_.size() && (document_[at_ + 1] == '!' || document_[at_ + 1] == '?')) {
      return "a DOCTYPE, comment, CDATA section or processing instruction";
    }
    const auto end = end_of_tag();
    if (!end) return "a tag that does not end or is longer than 1 KiB";
    const std::string_view tag = document_.substr(at_ + 1, *end - at_ - 1);
    const auto fault = tag.starts_with('/') ? close(tag.substr(1)) : open(tag);
    if (!fault) at_ = *end + 1;
    return fault;
  }

  /// Where the '>' of the tag at at_ is; a '>' inside an attribute's quotes does not count.
  [[nodiscard]] std::optional<std::size_t> end_of_tag() const {
    char quote = 0;
    const std::size_t stop = std::min(document_.size(), at_ + max_tag_bytes);
    for (std::size_t i = at_ + 1; i < stop; ++i) {
      const char c = document_[i];
      if (quote == 0 && c == '>') return i;
      if (c == '<') return std::nullopt;
      if (quote == 0 && (c == '"' || c == '\'')) {
        quote = c;
      } else if (c == quote) {
        quote = 0;
      }
    }
    return std::nullopt;
  }

  Fault open(std::string_view tag) {
    const bool empty_element = tag.ends_with('/');
    if (empty_element) tag.remove_suffix(1);
    if (open_.empty() && seen_root_) return "a second root element";
    if (open_.size() == max_depth) return "elements nested too deep";
    if (std::ranges::count(tag, '=') > max_attributes) return "a tag with too many attributes";
    if (const auto fault = check_references(tag)) return fault;
    const std::string_view name = tag.substr(0, tag.find_first_of(blanks));
    if (name.empty()) return "a tag without a name";
    seen_root_ = true;
    if (++elements_ > max_elements_) return "too many elements";
    if (!open_.empty()) open_.back().has_elements = true;
    if (!open_.empty() && open_.back().is_mixed()) return "text beside elements";
    if (!empty_element) open_.push_back({.name = name});
    return std::nullopt;
  }

  Fault close(std::string_view name) {
    name = name.substr(0, name.find_first_of(blanks));
    if (open_.empty() || open_.back().name != name) return "an end tag that matches no start tag";
    open_.pop_back();
    return std::nullopt;
  }

  static Fault check_references(std::string_view text) {
    for (auto at = text.find('&'); at != std::string_view::npos; at = text.find('&', at + 1)) {
      constexpr std::size_t longest = 10;  // "&#x10ffff;" without the '&'
      const auto end = text.substr(at + 1, longest).find(';');
      if (end == std::string_view::npos || !is_allowed_reference(text.substr(at + 1, end))) {
        return "an entity or character reference that is not allowed";
      }
    }
    return std::nullopt;
  }

  std::string_view document_;
  std::size_t max_elements_;
  std::size_t at_ = 0;
  bool seen_root_ = false;
  std::size_t elements_ = 0;
  std::vector<Element> open_;
};

bool has_forbidden_control(std::string_view text) {
  return std::ranges::any_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 && blanks.find(c) == std::string_view::npos; });
}

Error refused(std::string_view why, std::size_t position) {
  return Error(ErrorCode::corrupt, fmt::format("the XML reply is refused: {} (at byte {})", why, position));
}

}  // namespace

Result<void> guard_xml(std::string_view document, std::size_t max_bytes, std::size_t max_elements) {
  if (document.size() > max_bytes) return refused(fmt::format("it is longer than {} bytes", max_bytes), max_bytes);
  if (!is_valid_utf8(document)) return refused("it is not valid UTF-8", 0);
  if (has_forbidden_control(document)) return refused("it holds a control character", 0);
  Scanner scanner(document, max_elements);
  if (const auto fault = scanner.first_fault()) return refused(*fault, scanner.position());
  return {};
}

}  // namespace audiostore
