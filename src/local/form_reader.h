// Reads multipart/form-data, part by part (RFC 7578).
#pragma once

#include "local/http_message.h"

#include <audiostore/error.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace audiostore::local {

/// The head of one part.
struct FormPart {
  std::string name;  ///< as it was sent
  std::optional<std::string> filename = {};
};

/// The boundary in a Content-Type, which is nullopt where that is no multipart/form-data with a boundary of RFC 2046.
std::optional<std::string> form_boundary(std::string_view content_type);

/// Pulls a form's bytes and gives them out part by part, whatever their number: it keeps 64 KiB at most.
///
/// Errors are S3's MalformedPOSTRequest, and those of the source. After one it is of no more use.
class FormReader {
 public:
  /// REQUIRES: `boundary` comes from form_boundary().
  FormReader(BodyReader source, std::string_view boundary);

  /// The next part, past what is left of the one before; nullopt behind the last one. What follows that is left unread.
  Result<std::optional<FormPart>> next();

  /// Fills the front of `out` with bytes of the part; returns how many, 0 at the part's end.
  Result<std::size_t> read(std::span<std::byte> out);

  /// How many bytes of the form have been used up so far, heads and boundaries included.
  [[nodiscard]] std::uint64_t position() const noexcept { return position_; }

 private:
  enum class Place { start, content, delimiter, end };

  Result<bool> fill();
  void use(std::size_t bytes);
  Result<void> skip_content();
  Result<bool> take_delimiter();
  Result<std::string> take_line();
  Result<FormPart> read_head();

  BodyReader source_;
  std::string delimiter_;  // "\r\n--boundary"
  std::string buffer_;
  std::size_t at_ = 0;  // of the first byte in buffer_ that is not used up
  std::uint64_t position_ = 0;
  Place place_ = Place::start;
};

}  // namespace audiostore::local
