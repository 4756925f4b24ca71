#include "local/form_fields.h"

#include "core/text.h"
#include "local/s3_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace audiostore::local {
namespace {

constexpr std::uint64_t max_bytes = std::uint64_t{20} * 1024;
constexpr std::string_view metadata_prefix = "x-amz-meta-";

constexpr std::array<std::string_view, 14> as_sent{"x-amz-server-side-encryption",
                                                   "content-type",
                                                   "content-disposition",
                                                   "cache-control",
                                                   "content-encoding",
                                                   "content-language",
                                                   "expires",
                                                   "content-md5",
                                                   "x-amz-checksum-crc32",
                                                   "x-amz-checksum-crc32c",
                                                   "x-amz-checksum-crc64nvme",
                                                   "x-amz-checksum-sha1",
                                                   "x-amz-checksum-sha256",
                                                   "x-amz-storage-class"};
constexpr std::array<std::string_view, 5> signing{"x-amz-algorithm", "x-amz-credential", "x-amz-date",
                                                  "x-amz-signature", "x-amz-security-token"};
constexpr std::array<std::string_view, 2> refused{"success_action_redirect", "redirect"};

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

bool is_header(std::string_view name) { return is_one_of(name, as_sent) || name.starts_with(metadata_prefix); }

/// Browsers of old send the whole path.
std::string_view without_folders(std::string_view filename) {
  return filename.substr(filename.find_last_of("/\\") + 1);  // npos + 1 is 0
}

/// The rest of the part. Errors: MaxPostPreDataLengthExceededError.
Result<std::string> read_value(FormReader& reader) {
  std::string value;
  std::array<std::byte, 1024> piece;
  for (;;) {
    const auto got = reader.read(piece);
    if (!got) return got.error();
    if (*got == 0) return value;
    if (reader.position() > max_bytes) return fields_too_long();
    value.append(reinterpret_cast<const char*>(piece.data()), *got);
  }
}

}  // namespace

Result<FormFields> FormFields::read(FormReader& reader) {
  FormFields fields;
  for (;;) {
    auto part = reader.next();
    if (!part) return std::move(part).error();
    if (!*part) return s3_error(S3Code::incorrect_number_of_files, "The form has no file.");
    if (is_file((*part)->name)) {
      if (!fields.find("key")) return s3_error(S3Code::invalid_argument, "A field 'key' must come before the file.");
      fields.fill_in(without_folders((*part)->filename.value_or("")));
      return fields;
    }
    auto value = read_value(reader);
    if (!value) return std::move(value).error();
    if (auto added = fields.add((*part)->name, std::move(*value)); !added) return std::move(added).error();
  }
}

void FormFields::set(std::string_view name, std::string value) {
  std::erase_if(fields_, [&](const Header& field) { return field.name == name; });
  fields_.push_back({std::string(name), std::move(value)});
}

Result<void> FormFields::check() const {
  for (const auto& [name, value] : fields_) {
    const bool unknown = name.starts_with("x-amz-") && !is_header(name) && !is_one_of(name, signing);
    if (!unknown && !is_one_of(name, refused)) continue;
    return s3_error(S3Code::not_implemented, fmt::format("The field {} is not implemented here.", printable(name, 64)));
  }
  return {};
}

Headers FormFields::as_headers() const {
  Headers headers;
  for (const auto& [name, value] : fields_) {
    if (is_header(name)) headers.push_back({name, value});
    if (name == "acl") headers.push_back({"x-amz-acl", value});
  }
  return headers;
}

Result<void> FormFields::add(std::string_view name, std::string value) {
  std::string lower = to_lower(name);
  if (find(lower)) {
    return s3_error(S3Code::invalid_argument, fmt::format("The field {} is there twice.", printable(name, 64)));
  }
  fields_.push_back({std::move(lower), std::move(value)});
  return {};
}

void FormFields::fill_in(std::string_view filename) {
  constexpr std::string_view variable = "${filename}";
  for (auto& [name, value] : fields_) {
    if (name == "policy") continue;
    for (auto at = value.find(variable); at != std::string::npos; at = value.find(variable, at + filename.size())) {
      value.replace(at, variable.size(), filename);
    }
  }
}

bool is_file(std::string_view name) { return equal_ignoring_case(name, "file"); }

Error several_files() { return s3_error(S3Code::incorrect_number_of_files, "The form has more than one file."); }

Error fields_too_long() {
  return s3_error(S3Code::max_post_pre_data_length_exceeded, "The form's fields have more than 20 KiB.");
}

}  // namespace audiostore::local
