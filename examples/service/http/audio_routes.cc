#include "http/json_body.h"
#include "http/refusal.h"
#include "http/routes.h"
#include "text.h"

#include <charconv>

namespace audio_service {
namespace {

/// What `expiresIn` says; absent where it says nothing. How long it may be is the library's to check.
std::optional<std::chrono::seconds> lifetime_in(const httplib::Request& request) {
  if (!request.has_param("expiresIn")) return std::nullopt;
  const std::string text = query_value(request, "expiresIn");
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw Refusal(400, "invalid_argument", "expiresIn is a number of seconds");
  }
  return std::chrono::seconds(seconds);
}

/// Before any byte of the file is taken: whether it can become a recording at all.
void check_fields(const NewRecording& take, const std::string& user, const Recordings& recordings) {
  granted(audiostore::RecordingId::make(user, take.project, take.recording));
  granted(recordings.check_access({.principal = user,
                                   .operation = audiostore::AccessOperation::upload,
                                   .user = user,
                                   .project = take.project,
                                   .recording = take.recording}));
}

nlohmann::json upload(Visit& visit, const httplib::ContentReader& reader, Recordings& recordings, Metrics& metrics,
                      const UploadFormOptions& options) {
  UploadForm form(options, [&](const NewRecording& take) { check_fields(take, visit.user.id, recordings); });
  const NewRecording take = form.read(visit.request, reader);
  const RecordingRow row = granted(recordings.upload(visit.user.id, take));
  metrics.count_stored(row.size);
  return describe_upload(row, recordings);
}

nlohmann::json link(const Visit& visit, Recordings& recordings) {
  const RecordingName name{.key = query_value(visit.request, "key"),
                           .url = query_value(visit.request, "url"),
                           .recording = query_value(visit.request, "recordingId")};
  return describe(granted(recordings.link(
      visit.user.id, name,
      {.expires_in = lifetime_in(visit.request), .download_as = query_value(visit.request, "download")})));
}

}  // namespace

nlohmann::json describe(const audiostore::SignedUrl& link) {
  return {{"url", link.url}, {"expiresIn", link.expires_in.count()}, {"expiresAt", rfc3339(link.expires_at)}};
}

nlohmann::json describe_upload(const RecordingRow& row, Recordings& recordings) {
  nlohmann::json answer = describe(granted(recordings.link(row)));
  answer.update(describe(row));
  return answer;
}

void add_audio_routes(FrontDoor& door, Recordings& recordings, Metrics& metrics, const UploadFormOptions& form) {
  door.add_with_body({"POST", "/api/audio/upload"}, [&, form](Visit& visit, const httplib::ContentReader& reader) {
    return upload(visit, reader, recordings, metrics, form);
  });
  door.add({"GET", "/api/audio/url"}, [&](Visit& visit) { return link(visit, recordings); });
  door.add({"DELETE", "/api/audio/delete"}, [&](Visit& visit) {
    const JsonBody body(visit.request.body);
    granted(recordings.remove(visit.user.id,
                              {.key = body.text_if_given("key"), .recording = body.text_if_given("recordingId")}));
    return nlohmann::json{{"message", "deleted"}};
  });
}

}  // namespace audio_service
