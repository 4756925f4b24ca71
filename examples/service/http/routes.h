// What the API consists of.
#pragma once

#include "clean_up.h"
#include "http/front_door.h"
#include "http/upload_form.h"
#include "tickets.h"

namespace audio_service {

void add_session_routes(FrontDoor& door, Accounts& accounts);
void add_project_routes(FrontDoor& door, Accounts& accounts, const Recordings& recordings, RecordingRows& rows);
void add_audio_routes(FrontDoor& door, Recordings& recordings, Metrics& metrics, const UploadFormOptions& form);
void add_ticket_routes(FrontDoor& door, Tickets& tickets, Recordings& recordings, Metrics& metrics);
/// Who may read the metrics. Behind a proxy all requests come from this machine, so that "this machine" is anyone
/// there.
enum class MetricsReaders { nobody, this_machine, anyone };

void add_health_routes(FrontDoor& door, Database& database, const Metrics& metrics, MetricsReaders readers);

/// What is said of a stored recording in several answers.
nlohmann::json describe(const RecordingRow& row);
nlohmann::json describe(const audiostore::SignedUrl& link);
/// The answer to an upload that has succeeded, by either way.
nlohmann::json describe_upload(const RecordingRow& row, Recordings& recordings);

}  // namespace audio_service
