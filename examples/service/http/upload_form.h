// multipart/form-data with one file, read while it arrives.
#pragma once

#include "http/front_door.h"
#include "recordings.h"
#include "spool_file.h"
#include "text.h"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace audio_service {

struct UploadFormOptions {
  std::filesystem::path spool_folder;
  std::uint64_t max_file_bytes = 0;
};

/// Takes the parts of a form: `projectId`, `recordingId` and perhaps `contentType`, then `file`, which goes to a spool
/// file; its bytes are never in memory together. Stops at the first thing that is not allowed.
class UploadForm {
 public:
  /// `before_file` is asked with the fields before any byte of the file is taken; what it throws ends the upload.
  UploadForm(UploadFormOptions options, std::function<void(const NewRecording&)> before_file);

  /// The whole form. Throws a Refusal, also where the client goes away in the middle.
  NewRecording read(const httplib::Request& request, const httplib::ContentReader& reader);

 private:
  void begin_part(const httplib::MultipartFormData& part);
  void begin_file(const httplib::MultipartFormData& part);
  void take(std::string_view bytes);
  void take_field(std::string_view bytes);
  [[nodiscard]] NewRecording fields() const;
  template <class F>
  bool guarded(F&& step);

  UploadFormOptions options_;
  std::function<void(const NewRecording&)> before_file_;
  std::map<std::string, std::string> fields_;
  std::string part_;  // the name of the part that is arriving
  int parts_ = 0;
  std::string file_type_;
  std::shared_ptr<SpoolFile> spool_;
  Sha256 hash_;
  std::exception_ptr failure_;  // not thrown through httplib
};

}  // namespace audio_service
