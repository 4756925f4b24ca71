// Writes small XML documents.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace audiostore::local {

/// Writes one document, element by element. Text is escaped so that it reads back as it was, also by readers that drop
/// what is nothing but blanks; what no XML can hold (bytes that are no UTF-8) becomes U+FFFD.
class XmlWriter {
 public:
  /// Starts the document with its root element, in S3's namespace unless `xmlns` says otherwise.
  explicit XmlWriter(std::string_view root, std::string_view xmlns = "http://s3.amazonaws.com/doc/2006-03-01/");

  XmlWriter& open(std::string_view name);
  XmlWriter& close();
  /// An element that holds text only.
  XmlWriter& text(std::string_view name, std::string_view value);
  /// Text in the element that is open.
  XmlWriter& text(std::string_view value);

  /// Closes what is open and hands the document out. Ends the writing.
  std::string finish();

 private:
  std::string out_;
  std::vector<std::string> open_;
};

}  // namespace audiostore::local
