#include "s3/credentials/command_line.h"

namespace audiostore {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// Takes words off the front of a text.
class WordReader {
 public:
  explicit WordReader(std::string_view text) : rest_(text) {}

  bool skip_blanks() {
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
    return !rest_.empty();
  }

  /// Errors: invalid_argument. REQUIRES: skip_blanks() was true.
  Result<std::string> word() {
    std::string word;
    while (!rest_.empty() && !is_blank(rest_.front())) {
      const char c = take();
      const bool ended = c == '\'' ? single_quoted(word) : c == '"' ? double_quoted(word) : plain(c, word);
      if (!ended) return Error(ErrorCode::invalid_argument, "the command has a quote or backslash that does not end");
    }
    return word;
  }

 private:
  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  // Each appends to `word`; false when the text ends too early.
  bool plain(char c, std::string& word) {
    if (c == '\\') {
      if (rest_.empty()) return false;
      c = take();
    }
    word += c;
    return true;
  }
  bool single_quoted(std::string& word) {
    const auto end = rest_.find('\'');
    if (end == std::string_view::npos) return false;
    word += rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return true;
  }
  bool double_quoted(std::string& word) {
    while (!rest_.empty()) {
      char c = take();
      if (c == '"') return true;
      if (c == '\\' && !rest_.empty() && (rest_.front() == '"' || rest_.front() == '\\')) c = take();
      word += c;
    }
    return false;
  }

  std::string_view rest_;
};

}  // namespace

Result<std::vector<std::string>> split_command_line(std::string_view text) {
  std::vector<std::string> words;
  WordReader reader(text);
  while (reader.skip_blanks()) {
    auto word = reader.word();
    if (!word) return std::move(word).error();
    words.push_back(*std::move(word));
  }
  if (words.empty() || words.front().empty()) return Error(ErrorCode::invalid_argument, "the command is empty");
  return words;
}

}  // namespace audiostore
