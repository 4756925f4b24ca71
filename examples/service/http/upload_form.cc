#include "http/upload_form.h"

#include "http/form_type.h"
#include "http/refusal.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace audio_service {
namespace {

constexpr std::size_t longest_field = 256;
constexpr int most_parts = 8;
constexpr std::string_view file_part = "file";
constexpr std::array<std::string_view, 3> known_fields = {"projectId", "recordingId", "contentType"};

Refusal bad(const std::string& message) { return {400, "invalid_argument", message}; }

/// What browsers send for a file whose type they do not know; it is no claim.
bool is_no_claim(std::string_view type) { return type.empty() || type == "application/octet-stream"; }

}  // namespace

UploadForm::UploadForm(UploadFormOptions options, std::function<void(const NewRecording&)> before_file)
    : options_(std::move(options)), before_file_(std::move(before_file)) {}

/// httplib's parser must not be left by an exception: a failure is kept, and "stop" returned.
template <class F>
bool UploadForm::guarded(F&& step) {
  try {
    step();
    return true;
  } catch (...) {
    failure_ = std::current_exception();
    return false;
  }
}

NewRecording UploadForm::read(const httplib::Request& request, const httplib::ContentReader& reader) {
  const auto boundary = form_boundary(request.get_header_value("Content-Type"));
  if (!boundary) throw Refusal(415, "unsupported_media_type", "send the take as multipart/form-data");
  if (boundary->empty()) throw bad("the Content-Type must name one boundary, of 1 to 70 characters");
  const bool whole = reader([&](const httplib::MultipartFormData& part) { return guarded([&] { begin_part(part); }); },
                            [&](const char* bytes, std::size_t size) { return guarded([&] {
                                                                         take({bytes, size});
                                                                       }); });
  if (failure_) std::rethrow_exception(failure_);
  if (!whole) throw bad("the form is broken, or the connection ended in its middle");
  if (!spool_) throw bad("the form has no part called file");
  NewRecording take = fields();
  take.bytes = audiostore::Payload(spool_);
  take.sha256 = hash_.finish();
  return take;
}

void UploadForm::begin_part(const httplib::MultipartFormData& part) {
  if (++parts_ > most_parts) throw bad(fmt::format("a form has at most {} parts", most_parts));
  if (spool_) throw bad("the file must be the last part of the form");
  part_ = part.name;
  if (part_ == file_part) return begin_file(part);
  if (std::ranges::find(known_fields, part_) == known_fields.end()) {
    throw bad("the form has projectId, recordingId, contentType and file, and nothing else");
  }
  if (!fields_.emplace(part_, "").second) throw bad(fmt::format("{} is given twice", part_));
}

void UploadForm::begin_file(const httplib::MultipartFormData& part) {
  file_type_ = part.content_type;
  before_file_(fields());
  spool_ = granted(SpoolFile::create(options_.spool_folder));
}

NewRecording UploadForm::fields() const {
  const auto value = [&](const char* name) {
    const auto found = fields_.find(name);
    return found == fields_.end() ? std::string() : found->second;
  };
  NewRecording take{
      .project = value("projectId"), .recording = value("recordingId"), .declared_type = value("contentType")};
  if (take.declared_type.empty() && !is_no_claim(file_type_)) take.declared_type = file_type_;
  return take;
}

void UploadForm::take(std::string_view bytes) {
  if (part_ != file_part) return take_field(bytes);
  if (bytes.size() > options_.max_file_bytes - spool_->size()) {
    throw Refusal(413, "too_large", fmt::format("the file has more than {} bytes", options_.max_file_bytes));
  }
  granted(spool_->append(bytes));
  hash_.update(bytes);
}

void UploadForm::take_field(std::string_view bytes) {
  std::string& value = fields_[part_];
  if (value.size() + bytes.size() > longest_field) {
    throw bad(fmt::format("{} has more than {} bytes", part_, longest_field));
  }
  value += bytes;
}

}  // namespace audio_service
