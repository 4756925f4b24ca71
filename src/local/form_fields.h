// The fields of a form upload.
#pragma once

#include "local/form_reader.h"

#include <audiostore/error.h>
#include <audiostore/headers.h>

#include <optional>
#include <string>
#include <string_view>

namespace audiostore::local {

/// What comes in front of the file. Names are in lower case, each one is there once; "${filename}" in a value has been
/// replaced by the file's name, without its folders.
class FormFields {
 public:
  /// Reads up to the file's content.
  /// Errors: S3's MaxPostPreDataLengthExceededError (20 KiB), InvalidArgument (a field twice, no key),
  /// IncorrectNumberOfFilesInPostRequest (no file), those of the reader.
  static Result<FormFields> read(FormReader& reader);

  [[nodiscard]] const Headers& all() const noexcept { return fields_; }
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const { return find_header(fields_, name); }
  void set(std::string_view name, std::string value);

  /// Errors: S3's NotImplemented for a field that asks for what is not done here.
  [[nodiscard]] Result<void> check() const;

  /// The fields that stand for header fields of a PutObject.
  [[nodiscard]] Headers as_headers() const;

 private:
  Result<void> add(std::string_view name, std::string value);
  void fill_in(std::string_view filename);

  Headers fields_;
};

/// Whether a part of this name is the file.
bool is_file(std::string_view name);

Error several_files();
Error fields_too_long();

}  // namespace audiostore::local
