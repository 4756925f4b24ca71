#include "tickets.h"

#include "policy.h"
#include "text.h"

#include <audiostore/stored_payload.h>

#include <fmt/format.h>

#include <algorithm>

namespace audio_service {
namespace {

using audiostore::AudioKey;
using audiostore::Error;
using audiostore::ErrorCode;
using audiostore::Headers;
using audiostore::ObjectKey;
using audiostore::RecordingId;
using audiostore::Result;
using audiostore::UploadCheckpoint;

constexpr int most_parts_a_call = 100;
constexpr std::chrono::milliseconds call_deadline = longest_store_call;

Error no_such_ticket() { return {ErrorCode::not_found, "there is no such ticket, or it has ended; ask for a new one"}; }

/// What the store says of an object that was not uploaded.
template <class T>
Result<T> nothing_there_as(Error&& error) {
  if (error.code() != ErrorCode::not_found) return std::move(error);
  return Error(ErrorCode::precondition_failed, "nothing was uploaded yet; upload first, then complete");
}

ObjectKey staging_key(const TicketRow& ticket) { return ObjectKey::parse("staging/" + ticket.id).value(); }

std::string held_prefix(const TicketRow& ticket) { return "held/" + ticket.id + "/"; }

/// Removes an object when it goes. What that fails to remove is removed with the ticket.
class HeldObject {
 public:
  HeldObject(audiostore::ObjectStore& store, ObjectKey key) : store_(store), key_(std::move(key)) {}
  HeldObject(const HeldObject&) = delete;
  HeldObject& operator=(const HeldObject&) = delete;
  ~HeldObject() { static_cast<void>(store_.remove(key_, {.call = {.deadline = call_deadline}})); }
  [[nodiscard]] const ObjectKey& key() const noexcept { return key_; }

 private:
  audiostore::ObjectStore& store_;
  ObjectKey key_;
};

UploadCheckpoint upload_of(const TicketRow& ticket) { return UploadCheckpoint::parse(ticket.upload.value()).value(); }

std::uint64_t size_of_part(const UploadCheckpoint& upload, int number) {
  const std::uint64_t offset = upload.part_size * static_cast<std::uint64_t>(number - 1);
  return std::min(upload.part_size, upload.size - offset);
}

/// What the client must send besides; clients count the bytes themselves.
Headers without_length(Headers headers) {
  std::erase_if(headers, [](const audiostore::Header& header) {
    return header.name == "content-length" || header.name == "Content-Length";
  });
  return headers;
}

audiostore::ObjectAttributes attributes_of(std::string_view content_type) {
  return {.content_type = std::string(content_type), .cache_control = "private"};
}

Result<void> check_claim(const TicketRequest& request, const audiostore::AudioLimits& limits) {
  const auto format = audiostore::format_from_mime_type(request.content_type);
  if (!format || std::ranges::find(limits.allowed, *format) == limits.allowed.end()) {
    return Error(ErrorCode::unsupported_media_type, "this content type is not a kind of audio that is stored here");
  }
  if (request.size == 0) return Error(ErrorCode::invalid_argument, "size must be 1 or more");
  if (request.size > limits.max_bytes) {
    return Error(ErrorCode::too_large,
                 fmt::format("{} bytes, at most {} can be stored", request.size, limits.max_bytes));
  }
  return {};
}

}  // namespace

Tickets::Tickets(TicketRows& rows, Recordings& recordings, std::shared_ptr<audiostore::ObjectStore> objects,
                 std::shared_ptr<audiostore::S3Store> signer, std::shared_ptr<const audiostore::Clock> clock,
                 TicketOptions options)
    : rows_(rows),
      recordings_(recordings),
      objects_(std::move(objects)),
      signer_(std::move(signer)),
      clock_(std::move(clock)),
      options_(options) {}

Result<Ticket> Tickets::open(std::string_view user, const TicketRequest& request) {
  auto id = RecordingId::make(user, request.project, request.recording);
  if (!id) return std::move(id).error();
  if (auto checked = check_claim(request, recordings_.limits()); !checked) return std::move(checked).error();
  if (const auto there = recordings_.find(user, {.recording = request.recording})) {
    return Error(ErrorCode::already_exists, "there is another recording of this id; use a new id for new bytes");
  }
  TicketRow row{
      .id = random_hex(16),
      .owner = id->user(),
      .project = id->project(),
      .recording = id->recording(),
      .size = request.size,
      .content_type = std::string(audiostore::mime_type(*audiostore::format_from_mime_type(request.content_type))),
      .mode = mode_of(request),
      .expires_at = clock_->now() + lifetime_of(request.size)};
  if (auto allowed = may_upload(row); !allowed) return std::move(allowed).error();
  return begin_parts(std::move(row)).and_then([&](TicketRow begun) -> Result<Ticket> {
    if (auto added = rows_.add(begun); !added) {
      static_cast<void>(clear(begun));
      return std::move(added).error();
    }
    return sign(std::move(begun));
  });
}

/// A form is the one way that no header field can turn into a copy of another's take, where the storage lets them.
std::string Tickets::mode_of(const TicketRequest& request) const {
  const audiostore::S3Features has = signer_->features();
  if (has.presigned_post && has.obeys_unsigned_fields) return "post";
  if (request.size > options_.multipart_threshold) return "multipart";
  return options_.allow_post && has.presigned_post ? "post" : "put";
}

/// Long enough for who is slow: who has to begin anew each time never gets to the end.
std::chrono::seconds Tickets::lifetime_of(std::uint64_t size) const {
  const std::chrono::seconds upload(size / options_.slowest_rate);
  return std::min(options_.lifetime + upload, options_.longest_lifetime);
}

/// Where the take goes up in parts: begins that at the service.
Result<TicketRow> Tickets::begin_parts(TicketRow row) {
  if (row.mode != "multipart") return row;
  auto upload = signer_->uploads().begin(
      staging_key(row), row.size, {.attributes = attributes_of(row.content_type), .call = {.deadline = call_deadline}});
  return std::move(upload).transform([&](const UploadCheckpoint& begun) {
    row.upload = begun.to_string();
    return std::move(row);
  });
}

Result<Ticket> Tickets::sign(TicketRow row) {
  Ticket ticket{.row = std::move(row)};
  const ObjectKey key = staging_key(ticket.row);
  const std::chrono::seconds lifetime = lifetime_of(ticket.row.size);
  if (ticket.row.mode == "multipart") {
    const UploadCheckpoint upload = upload_of(ticket.row);
    ticket.part_size = upload.part_size;
    ticket.part_count = part_count(upload);
    return ticket;
  }
  if (ticket.row.mode == "post") {
    auto form = signer_->presign_post({.key = key.str(),
                                       .max_bytes = ticket.row.size,
                                       .min_bytes = ticket.row.size,
                                       .content_type = ticket.row.content_type,
                                       .expires_in = lifetime});
    if (!form) return std::move(form).error();
    ticket.url = std::move(form->url);
    ticket.fields = std::move(form->fields);
    return ticket;
  }
  auto request = signer_->presign({.key = key,
                                   .method = audiostore::PresignMethod::put,
                                   .expires_in = lifetime,
                                   .signed_headers = {{"content-type", ticket.row.content_type},
                                                      {"content-length", std::to_string(ticket.row.size)}}});
  if (!request) return std::move(request).error();
  ticket.url = std::move(request->url);
  ticket.fields = without_length(std::move(request->headers));
  return ticket;
}

Result<TicketRow> Tickets::living(std::string_view user, std::string_view ticket) {
  auto row = rows_.find(user, ticket);
  if (!row || row->expires_at <= clock_->now()) return no_such_ticket();
  return *std::move(row);
}

Result<std::vector<SignedPart>> Tickets::sign_parts(std::string_view user, std::string_view ticket,
                                                    const std::vector<int>& numbers) {
  auto row = living(user, ticket);
  if (!row) return std::move(row).error();
  if (row->mode != "multipart") return Error(ErrorCode::invalid_argument, "this ticket is not for an upload in parts");
  if (row->is_spent) return no_such_ticket();
  const UploadCheckpoint upload = upload_of(*row);
  if (numbers.empty() || numbers.size() > most_parts_a_call ||
      std::ranges::any_of(numbers, [&](int number) { return number < 1 || number > part_count(upload); })) {
    return Error(ErrorCode::invalid_argument, fmt::format("ask for 1 to {} part numbers of 1 to {} at a time",
                                                          most_parts_a_call, part_count(upload)));
  }
  const auto left = std::chrono::duration_cast<std::chrono::seconds>(row->expires_at - clock_->now());
  const auto lifetime = std::clamp(left, std::chrono::seconds(1), options_.part_lifetime);
  std::vector<SignedPart> parts;
  for (const int number : numbers) {
    auto request =
        signer_->presign_part({.key = staging_key(*row),
                               .upload_id = upload.upload_id,
                               .part_number = number,
                               .expires_in = lifetime,
                               .signed_headers = {{"content-length", std::to_string(size_of_part(upload, number))}}});
    if (!request) return std::move(request).error();
    request->headers = without_length(std::move(request->headers));
    parts.push_back({number, *std::move(request)});
  }
  return parts;
}

/// The recording that this ticket has become, if it has.
Result<std::optional<RecordingRow>> Tickets::made_before(const TicketRow& ticket) {
  auto there = recordings_.find(ticket.owner, {.recording = ticket.recording});
  if (there && there->ticket == ticket.id) return std::optional(*std::move(there));
  return std::optional<RecordingRow>();
}

/// The application may have changed its mind since it gave the ticket out.
Result<void> Tickets::may_upload(const TicketRow& ticket) const {
  const audiostore::AccessRequest request{.principal = ticket.owner,
                                          .operation = audiostore::AccessOperation::upload,
                                          .user = ticket.owner,
                                          .project = ticket.project,
                                          .recording = ticket.recording,
                                          .format = audiostore::format_from_mime_type(ticket.content_type),
                                          .size = ticket.size};
  return recordings_.check_access(request);
}

/// Where the take went up in parts: makes them the object in staging.
Result<void> Tickets::assemble(const TicketRow& ticket) {
  if (ticket.mode != "multipart") return {};
  return signer_->uploads()
      .complete(staging_key(ticket), upload_of(ticket), {.call = {.deadline = call_deadline}})
      .transform([](const audiostore::PutResult&) {})
      .or_else([&](Error&& error) -> Result<void> {
        // Assembled by a completion whose answer was lost: then the object is there, and is looked at next.
        if (error.code() != ErrorCode::not_found) return std::move(error);
        return {};
      });
}

/// The row for the object, if it is what the ticket is for.
Result<RecordingRow> Tickets::inspect(const TicketRow& ticket, const ObjectKey& from,
                                      const audiostore::ObjectInfo& info) {
  if (info.size != ticket.size) {
    return Error(ErrorCode::precondition_failed,
                 fmt::format("{} bytes were uploaded, the ticket is for {}", info.size, ticket.size));
  }
  const auto bytes = audiostore::stored_payload(objects_, from, info);
  auto found = audiostore::inspect_audio(bytes, recordings_.limits(), ticket.content_type);
  if (!found) return std::move(found).error();
  auto id = RecordingId::make(ticket.owner, ticket.project, ticket.recording);
  if (!id) return std::move(id).error();
  return RecordingRow{.owner = ticket.owner,
                      .id = ticket.recording,
                      .project = ticket.project,
                      .key = AudioKey(*id, found->format).str(),
                      .size = info.size,
                      .content_type = std::string(audiostore::mime_type(found->format)),
                      .ticket = ticket.id,
                      .duration = duration_of(bytes)};
}

Result<RecordingRow> Tickets::complete(std::string_view user, std::string_view ticket) {
  auto row = living(user, ticket);
  if (!row) return std::move(row).error();
  if (auto made = made_before(*row); !made || *made) {
    return std::move(made).transform([](std::optional<RecordingRow> there) { return *std::move(there); });
  }
  if (row->is_spent) return no_such_ticket();
  auto recording = make(*row);
  if (recording) return recording;
  // Another completion of this ticket may have been quicker, and taken the object away from under this one.
  const auto quicker = made_before(*row);
  if (quicker && *quicker) return **quicker;
  // Or the ticket was aborted, and took along what was being inspected.
  if (!living(user, ticket)) return no_such_ticket();
  return recording;
}

/// What is in staging becomes the recording.
Result<RecordingRow> Tickets::make(const TicketRow& ticket) {
  if (auto allowed = may_upload(ticket); !allowed) return std::move(allowed).error();
  if (auto assembled = assemble(ticket); !assembled) return std::move(assembled).error();

  const ObjectKey staging = staging_key(ticket);
  auto kept = copies_on_condition()
                  ? look_at(staging).and_then([&](const auto& info) { return keep(ticket, staging, info); })
                  : hold(ticket);
  // The ticket stays until its signatures have ended, so that what they may still write is removed with it.
  if (kept) static_cast<void>(objects_->remove(staging, {.call = {.deadline = call_deadline}}));
  return kept;
}

Result<audiostore::ObjectInfo> Tickets::look_at(const ObjectKey& key) {
  return objects_->head(key, {.call = {.deadline = call_deadline}}).or_else(nothing_there_as<audiostore::ObjectInfo>);
}

/// By way of a key that nobody else writes to. A repetition uses another one, and what is in staging then.
Result<RecordingRow> Tickets::hold(const TicketRow& ticket) {
  const HeldObject held(*objects_, ObjectKey::parse(held_prefix(ticket) + random_hex(8)).value());
  return objects_->copy(staging_key(ticket), held.key(), {.call = {.deadline = call_deadline}})
      .transform([](const audiostore::PutResult&) {})
      .or_else(nothing_there_as<void>)
      .and_then([&] { return look_at(held.key()); })
      .and_then([&](const audiostore::ObjectInfo& info) { return keep(ticket, held.key(), info); });
}

/// What is under `from` becomes the recording, if it is what the ticket is for, and as long as it is `info`.
Result<RecordingRow> Tickets::keep(const TicketRow& ticket, const ObjectKey& from, const audiostore::ObjectInfo& info) {
  auto take = inspect(ticket, from, info);
  if (!take) return take;
  return recordings_.keep(*std::move(take), [&](const AudioKey& key) {
    const audiostore::CopyOptions options{.source_if_match = copies_on_condition() ? info.etag : "",
                                          .attributes = attributes_of(audiostore::mime_type(key.format())),
                                          .call = {.deadline = call_deadline}};
    return objects_->copy(from, key.object_key(), options).transform([](const audiostore::PutResult&) {});
  });
}

Result<void> Tickets::abort(std::string_view user, std::string_view ticket) {
  const auto row = rows_.find(user, ticket);
  if (!row) return no_such_ticket();
  rows_.abort(row->id);  // what it has signed still works for a while, and is removed with the row when that is over
  return clear(*row);
}

Result<void> Tickets::clear(const TicketRow& ticket) {
  const ObjectKey key = staging_key(ticket);
  const audiostore::RemoveOptions options{.call = {.deadline = call_deadline}};
  Result<void> aborted = {};
  if (ticket.mode == "multipart") aborted = signer_->abort_upload(key, upload_of(ticket).upload_id, options);
  if (!aborted) return aborted;
  auto staged = objects_->remove(key, options);
  return staged && !copies_on_condition() ? remove_below(held_prefix(ticket)) : staged;
}

Result<void> Tickets::clear_held() { return remove_below("held/"); }

Result<void> Tickets::remove_below(const std::string& prefix) {
  const audiostore::CallOptions call{.deadline = call_deadline};
  audiostore::ListOptions options{.prefix = prefix, .call = call};
  do {
    const auto page = objects_->list(options);
    if (!page) return page.error();
    for (const audiostore::ObjectSummary& object : page->objects) {
      auto removed = ObjectKey::parse(object.key).and_then([&](const ObjectKey& key) {
        return objects_->remove(key, {.call = call});
      });
      if (!removed) return removed;
    }
    options.continuation_token = page->next_token;
  } while (!options.continuation_token.empty());
  return {};
}

}  // namespace audio_service
