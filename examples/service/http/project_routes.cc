#include "http/json_body.h"
#include "http/refusal.h"
#include "http/routes.h"
#include "text.h"

namespace audio_service {
namespace {

nlohmann::json describe_project(const Project& project) {
  return {{"id", project.id}, {"name", project.name}, {"createdAt", rfc3339(project.created_at)}};
}

}  // namespace

nlohmann::json describe(const RecordingRow& row) {
  nlohmann::json described{
      {"recordingId", row.id},     {"projectId", row.project},        {"key", row.key},
      {"size", row.size},          {"contentType", row.content_type}, {"createdAt", rfc3339(row.created_at)},
      {"durationSeconds", nullptr}};
  if (row.duration) described["durationSeconds"] = static_cast<double>(row.duration->count()) / 1000;
  return described;
}

void add_project_routes(FrontDoor& door, Accounts& accounts, const Recordings& recordings, RecordingRows& rows) {
  door.add({"GET", "/api/projects"}, [&](Visit& visit) {
    auto list = nlohmann::json::array();
    for (const Project& project : accounts.projects(visit.user.id)) list.push_back(describe_project(project));
    return nlohmann::json{{"projects", std::move(list)}};
  });
  door.add({"POST", "/api/projects"}, [&](Visit& visit) {
    const auto project = granted(accounts.add_project(visit.user.id, JsonBody(visit.request.body).text("name")));
    return nlohmann::json{{"project", describe_project(project)}};
  });
  door.add({"GET", "/api/projects/{id}/recordings"}, [&](Visit& visit) {
    const std::string project = visit.request.matches[1].str();
    const std::string& user = visit.user.id;
    granted(recordings.check_access({.principal = user,
                                     .operation = audiostore::AccessOperation::list,
                                     .user = user,
                                     .project = project,
                                     .recording = {}}));
    auto list = nlohmann::json::array();
    for (const RecordingRow& row : rows.list(user, project)) list.push_back(describe(row));
    return nlohmann::json{{"recordings", std::move(list)}};
  });
}

}  // namespace audio_service
