#include "listing.h"

namespace cli {

using namespace audiostore;

Result<void> for_each_page(ObjectStore& store, ListOptions options,
                           const std::function<Result<void>(const ListPage&)>& take) {
  do {
    const auto page = store.list(options);
    if (!page) return page.error();
    auto taken = take(*page);
    if (!taken) return taken;
    options.continuation_token = page->next_token;
  } while (!options.continuation_token.empty());
  return {};
}

}  // namespace cli
