#include "http/json_body.h"
#include "http/refusal.h"
#include "http/routes.h"
#include "text.h"

namespace audio_service {
namespace {

using nlohmann::json;

json as_object(const audiostore::Headers& headers) {
  json object = json::object();
  for (const auto& header : headers) object[header.name] = header.value;
  return object;
}

json as_pairs(const audiostore::Headers& fields) {
  json pairs = json::array();
  for (const auto& field : fields) pairs.push_back({field.name, field.value});
  return pairs;
}

json describe_ticket(const Ticket& ticket) {
  json described{{"id", ticket.row.id}, {"mode", ticket.row.mode}, {"expiresAt", rfc3339(ticket.row.expires_at)}};
  if (ticket.row.mode == "multipart") {
    described.update({{"partSize", ticket.part_size}, {"partCount", ticket.part_count}});
  } else if (ticket.row.mode == "post") {
    described.update({{"url", ticket.url}, {"fields", as_pairs(ticket.fields)}});
  } else {
    described.update({{"url", ticket.url}, {"headers", as_object(ticket.fields)}});
  }
  return {{"ticket", std::move(described)}};
}

json describe_parts(const std::vector<SignedPart>& parts) {
  json list = json::array();
  for (const SignedPart& part : parts) {
    list.push_back(
        {{"partNumber", part.number}, {"url", part.request.url}, {"headers", as_object(part.request.headers)}});
  }
  return {{"parts", std::move(list)}, {"expiresAt", rfc3339(parts.front().request.expires_at)}};
}

std::string ticket_of(const Visit& visit) { return visit.request.matches[1].str(); }

}  // namespace

void add_ticket_routes(FrontDoor& door, Tickets& tickets, Recordings& recordings, Metrics& metrics) {
  door.add({"POST", "/api/audio/ticket"}, [&](Visit& visit) {
    const JsonBody body(visit.request.body);
    return describe_ticket(granted(tickets.open(visit.user.id, {.project = body.text("projectId"),
                                                                .recording = body.text("recordingId"),
                                                                .size = body.number("size"),
                                                                .content_type = body.text("contentType")})));
  });
  door.add({"POST", "/api/audio/ticket/{id}/parts"}, [&](Visit& visit) {
    const JsonBody body(visit.request.body);
    return describe_parts(granted(tickets.sign_parts(visit.user.id, ticket_of(visit), body.numbers("partNumbers"))));
  });
  door.add({"POST", "/api/audio/ticket/{id}/complete"}, [&](Visit& visit) {
    const RecordingRow row = granted(tickets.complete(visit.user.id, ticket_of(visit)));
    metrics.count_stored(row.size);
    return describe_upload(row, recordings);
  });
  door.add({"DELETE", "/api/audio/ticket/{id}"}, [&](Visit& visit) {
    granted(tickets.abort(visit.user.id, ticket_of(visit)));
    return json{{"message", "aborted"}};
  });
}

}  // namespace audio_service
