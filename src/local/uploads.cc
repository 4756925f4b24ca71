#include "local/uploads.h"

#include "core/crypto.h"
#include "local/concatenation.h"
#include "local/s3_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace audiostore::local {
namespace {

constexpr std::size_t max_uploads = 10'000;

Error no_such_upload() {
  return s3_error(S3Code::no_such_upload,
                  "The upload does not exist. Its id may be wrong, or it has been completed or aborted.");
}

std::string_view unquoted(std::string_view etag) {
  const bool quoted = etag.size() >= 2 && etag.starts_with('"') && etag.ends_with('"');
  return quoted ? etag.substr(1, etag.size() - 2) : etag;
}

bool is_the_one(const NamedPart& named, const StagedPart& part) {
  return unquoted(named.etag) == unquoted(part.etag) && (!named.checksum || named.checksum == part.checksum);
}

Result<void> check_order(const std::vector<NamedPart>& parts) {
  const auto out_of_order = std::ranges::adjacent_find(parts, std::ranges::greater_equal(), &NamedPart::number);
  if (out_of_order == parts.end()) return {};
  return s3_error(S3Code::invalid_part_order, "The parts must be named in ascending order, each once.");
}

}  // namespace

Result<std::string> Uploads::begin(UploadPlan plan) {
  const auto random = random_hex(8);
  if (!random) return random.error();
  const std::lock_guard lock(mutex_);
  if (uploads_.size() >= max_uploads) {
    return s3_error(S3Code::slow_down, "10,000 multipart uploads are open. Complete or abort some of them.");
  }
  UploadName name{plan.key.str(), fmt::format("{:016x}{}", ++begun_, *random)};
  std::string id = name.id;
  uploads_.emplace(std::move(name), std::make_shared<Upload>(std::move(plan)));
  return id;
}

Result<std::shared_ptr<Uploads::Upload>> Uploads::find(const UploadName& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = uploads_.find(name);
  if (found == uploads_.end()) return no_such_upload();
  return found->second;
}

Result<void> Uploads::expect(const UploadName& name) const {
  return find(name).transform([](const std::shared_ptr<Upload>&) {});
}

Result<std::optional<ChecksumAlgorithm>> Uploads::checksum(const UploadName& name) const {
  return find(name).transform([](const std::shared_ptr<Upload>& upload) { return upload->plan.checksum; });
}

Result<void> Uploads::add(const UploadName& name, int number, StagedPart part) {
  const std::lock_guard lock(mutex_);
  const auto found = uploads_.find(name);
  if (found == uploads_.end()) return no_such_upload();
  const auto& wanted = found->second->plan.checksum;
  if (wanted && (!part.checksum || part.checksum->algorithm != *wanted)) {
    return s3_error(S3Code::invalid_request,
                    fmt::format("The upload was begun with {}: send each part with it.", checksum_name(*wanted)));
  }
  std::swap(found->second->parts[number], part);  // the older part goes when the lock has
  return {};
}

Result<std::vector<std::shared_ptr<const PayloadSource>>> Uploads::pick(const Upload& upload,
                                                                        const std::vector<NamedPart>& parts) const {
  std::vector<std::shared_ptr<const PayloadSource>> pieces;
  std::uint64_t left = limits_.max_object_bytes;
  const std::lock_guard lock(mutex_);
  for (const NamedPart& named : parts) {
    const int number = named.number;
    const auto found = upload.parts.find(number);
    if (found == upload.parts.end() || !is_the_one(named, found->second)) {
      return s3_error(
          S3Code::invalid_part,
          fmt::format("Part {} was not uploaded, or its ETag or checksum is not the one that was named.", number));
    }
    const std::uint64_t size = found->second.bytes->size();
    if (size < limits_.min_part_bytes && number != parts.back().number) {
      return s3_error(S3Code::entity_too_small, fmt::format("Part {} has {} bytes; all but the last must have {}.",
                                                            number, size, limits_.min_part_bytes));
    }
    if (size > left) {
      return s3_error(S3Code::entity_too_large,
                      fmt::format("The object would have more than {} bytes.", limits_.max_object_bytes));
    }
    left -= size;
    pieces.push_back(found->second.bytes);
  }
  return pieces;
}

Result<PutResult> Uploads::complete(const UploadName& name, const std::vector<NamedPart>& parts,
                                    const Publish& publish) {
  const auto upload = find(name);
  if (!upload) return upload.error();
  const std::lock_guard ending((*upload)->ending);
  if (auto still_there = expect(name); !still_there) return std::move(still_there).error();
  if (auto ordered = check_order(parts); !ordered) return std::move(ordered).error();
  auto pieces = pick(**upload, parts);
  if (!pieces) return std::move(pieces).error();
  auto stored = publish((*upload)->plan, concatenate(std::move(*pieces)));
  if (!stored) return stored;
  const std::lock_guard lock(mutex_);
  uploads_.erase(name);
  return stored;
}

Result<void> Uploads::abort(const UploadName& name) {
  const auto upload = find(name);
  if (!upload) return upload.error();
  const std::lock_guard ending((*upload)->ending);
  const std::lock_guard lock(mutex_);
  if (uploads_.erase(name) == 0) return no_such_upload();
  return {};
}

Result<std::vector<ListedPart>> Uploads::parts(const UploadName& name, int after, std::size_t count) const {
  const std::lock_guard lock(mutex_);
  const auto found = uploads_.find(name);
  if (found == uploads_.end()) return no_such_upload();
  const auto& all = found->second->parts;
  std::vector<ListedPart> listed;
  for (auto part = all.upper_bound(after); part != all.end() && listed.size() < count; ++part) {
    listed.push_back({part->first, part->second});
  }
  return listed;
}

std::optional<ListedUpload> Uploads::next(const UploadName& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = uploads_.upper_bound(name);
  if (found == uploads_.end()) return std::nullopt;
  return ListedUpload{found->first, found->second->plan.begun};
}

}  // namespace audiostore::local
