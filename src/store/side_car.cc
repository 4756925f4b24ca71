#include "store/side_car.h"

#include "store/attributes.h"
#include "store/tags.h"

#include <nlohmann/json.hpp>

namespace audiostore {
namespace {

constexpr int format_version = 1;

}  // namespace

std::string to_json(const SideCar& side_car) {
  const ObjectAttributes& attributes = side_car.attributes;
  return nlohmann::json{{"version", format_version},
                        {"key", side_car.key},
                        {"etag", side_car.etag},
                        {"content_type", attributes.content_type},
                        {"content_disposition", attributes.content_disposition},
                        {"cache_control", attributes.cache_control},
                        {"metadata", attributes.metadata},
                        {"tags", side_car.tags}}
      .dump(2);
}

Result<SideCar> parse_side_car(std::string_view json) {
  const Error damaged(ErrorCode::corrupt, "the side-car of the object is damaged; put the object again");
  const auto parsed = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
  try {
    if (parsed.at("version") != format_version) return damaged;
    SideCar side_car{parsed.at("key").get<std::string>(), parsed.at("etag").get<std::string>(), {}};
    side_car.attributes.content_type = parsed.at("content_type").get<std::string>();
    side_car.attributes.content_disposition = parsed.at("content_disposition").get<std::string>();
    side_car.attributes.cache_control = parsed.at("cache_control").get<std::string>();
    side_car.attributes.metadata = parsed.at("metadata").get<Metadata>();
    if (parsed.contains("tags")) side_car.tags = parsed.at("tags").get<Tags>();
    // These go out as header fields again: a file that somebody edited must not become a header of its own.
    const bool sendable = check_attributes(side_car.attributes) && check_headers({{"ETag", side_car.etag}});
    return sendable && check_tags(side_car.tags) ? Result<SideCar>(std::move(side_car)) : damaged;
  } catch (const nlohmann::json::exception&) {
    return damaged;
  }
}

}  // namespace audiostore
