// The Content-Type of a form.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace audio_service {

/// The boundary that a Content-Type of multipart/form-data names. Types and names of parameters are read in any case,
/// values plain or in quotes, other parameters passed over (RFC 2045, 5.1). "" where no boundary is named, several are,
/// or one that cannot be one (RFC 2046, 5.1.1); nullopt where the type is another.
std::optional<std::string> form_boundary(std::string_view content_type);

/// A form's Content-Type in the one spelling that httplib 0.11 understands; everything else as it is.
std::string plain_form_type(const std::string& content_type);

}  // namespace audio_service
