// In place of the bundled page, where it could not be made.
#include "apps/replay/report_page.h"

namespace vmlan::apps {

std::optional<PageTemplate> page_template() { return std::nullopt; }

}  // namespace vmlan::apps
