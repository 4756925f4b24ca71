#include "s3/credentials/config_file.h"

#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace audiostore {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_comment(std::string_view content) { return content.front() == '#' || content.front() == ';'; }

/// Letters, digits and a few signs; not empty.
bool is_name(std::string_view text, std::string_view signs) {
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return is_alphanumeric(c) || signs.find(c) != std::string_view::npos;
  });
}

/// A line without the comment at its end, which a blank must precede.
std::string_view without_comment(std::string_view line) {
  for (std::size_t i = 1; i < line.size(); ++i) {
    if ((line[i] == '#' || line[i] == ';') && is_blank(line[i - 1])) return line.substr(0, i);
  }
  return line;
}

/// What "profile name" names, where that is what `section` says.
std::optional<std::string_view> behind_prefix(std::string_view section) {
  constexpr std::string_view prefix = "profile";
  if (!section.starts_with(prefix) || section.size() == prefix.size() || !is_blank(section[prefix.size()])) {
    return std::nullopt;
  }
  return trim(section.substr(prefix.size()));
}

/// Reads line after line. Where `profile_` is null, the section is none of ours.
class ConfigReader {
 public:
  explicit ConfigReader(ConfigDialect dialect) : dialect_(dialect) {}

  Result<void> read(std::string_view line) {
    ++line_number_;
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::string_view content = trim(line);
    if (content.empty() || is_comment(content)) return {};
    if (is_blank(line.front()) && in_section_) return continue_setting(content);
    if (content.front() == '[') return begin_section(content);
    if (!in_section_) return error("a setting stands in front of the first section");
    return profile_ == nullptr ? Result<void>() : read_setting(content);
  }

  ConfigProfiles profiles() && {
    if (prefixed_default_) profiles_["default"] = *std::move(prefixed_default_);
    return std::move(profiles_);
  }

 private:
  [[nodiscard]] Error error(std::string_view what) const {
    return Error(ErrorCode::invalid_argument, fmt::format("line {}: {}", line_number_, what));
  }

  Result<void> begin_section(std::string_view line) {
    const auto end = line.find(']');
    if (end == std::string_view::npos) return error("a section must end with ']'");
    const std::string_view rest = trim(line.substr(end + 1));
    if (!rest.empty() && !is_comment(rest)) return error("nothing but a comment may stand behind a section's ']'");
    in_section_ = true;
    setting_ = nullptr;
    profile_ = profile_for(trim(line.substr(1, end - 1)));
    setting_left_out_ = profile_ == nullptr;
    return {};
  }

  ConfigProfile* profile_for(std::string_view section) {
    const auto prefixed = behind_prefix(section);
    if (dialect_ == ConfigDialect::config && prefixed == "default") {
      if (!prefixed_default_) prefixed_default_.emplace();
      return &*prefixed_default_;
    }
    const bool plain = dialect_ == ConfigDialect::credentials || section == "default";
    const std::string_view name = plain ? section : prefixed.value_or("");
    return is_name(name, "-_/.%@:+") ? &profiles_[std::string(name)] : nullptr;
  }

  Result<void> read_setting(std::string_view line) {
    line = without_comment(line);
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) return error("a setting has no '='");
    const std::string_view name = trim(line.substr(0, equals));
    if (name.empty()) return error("a setting has no name");
    setting_left_out_ = !is_name(name, "-_");
    setting_ = nullptr;
    if (setting_left_out_) return {};
    setting_ = &(*profile_)[to_lower(name)];
    *setting_ = trim(line.substr(equals + 1));
    is_block_ = setting_->empty();
    return {};
  }

  Result<void> continue_setting(std::string_view content) {
    if (setting_left_out_) return {};
    if (setting_ == nullptr) return error("an indented line continues no setting");
    if (is_block_) {
      const auto equals = content.find('=');
      if (equals == std::string_view::npos) return error("a nested setting has no '='");
      if (trim(content.substr(0, equals)).empty()) return error("a nested setting has no name");
    }
    (*setting_ += '\n') += content;
    return {};
  }

  const ConfigDialect dialect_;
  std::size_t line_number_ = 0;
  bool in_section_ = false;
  ConfigProfile* profile_ = nullptr;
  std::string* setting_ = nullptr;  // that an indented line would continue
  bool setting_left_out_ = false;   // the setting above is none of ours, nor are its further lines
  bool is_block_ = false;
  ConfigProfiles profiles_;
  std::optional<ConfigProfile> prefixed_default_;
};

}  // namespace

Result<ConfigProfiles> parse_config(std::string_view text, ConfigDialect dialect) {
  if (text.size() > max_config_bytes) {
    return Error(ErrorCode::invalid_argument, fmt::format("the file has more than {} bytes", max_config_bytes));
  }
  if (text.find('\0') != std::string_view::npos) return Error(ErrorCode::invalid_argument, "the file is no text");
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  ConfigReader reader(dialect);
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    if (auto read = reader.read(text.substr(0, end)); !read) return std::move(read).error();
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return std::move(reader).profiles();
}

ConfigProfiles merged(ConfigProfiles config, const ConfigProfiles& credentials) {
  for (const auto& [name, settings] : credentials) {
    ConfigProfile& profile = config[name];
    for (const auto& [key, value] : settings) profile[key] = value;
  }
  return config;
}

std::optional<std::string> setting(const ConfigProfile& profile, std::string_view name) {
  const auto found = profile.find(name);
  if (found == profile.end() || found->second.empty()) return std::nullopt;
  return found->second;
}

}  // namespace audiostore
