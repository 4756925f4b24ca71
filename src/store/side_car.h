// What is kept beside an object's file: its attributes, its ETag, and which state of the file they belong to.
#pragma once

#include <audiostore/object_store.h>

#include <string>
#include <string_view>

namespace audiostore {

struct SideCar {
  std::string key;
  std::string etag;
  ObjectAttributes attributes;
  Tags tags = {};  ///< absent in the side-cars of stores that knew none: read as no tags
};

std::string to_json(const SideCar& side_car);

/// Errors: corrupt, where the text is not what to_json() makes.
Result<SideCar> parse_side_car(std::string_view json);

}  // namespace audiostore
