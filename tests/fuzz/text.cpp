// Small parsers together: the first byte chooses.
#include "util/text/text.h"
#include "net/address_range.h"
#include "net/url.h"
#include "protocol/packed_values.h"
#include "server/auth/password.h"
#include "tests/fuzz/fuzz.h"
#include "util/text/http_date.h"
#include "util/text/json_object.h"
#include "util/text/varint.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hostwatch;
  if (size == 0) return 0;
  std::string_view text = fuzz::text_of(data + 1, size - 1);
  switch (data[0] % 7) {
    case 0:
      if (const auto time = util::parse_http_date(text))
        fuzz::must(util::parse_http_date(util::format_http_date(*time)) == time);
      break;
    case 1:
      try {
        const net::ServerUrl url = net::parse_server_url(text);
        fuzz::must(net::parse_server_url(url.text()) == url);
      } catch (const net::ServerUrlError&) {
      }
      break;
    case 2:
      while (const auto number = util::take_varint(text)) {
        std::string again;
        util::put_varint(again, *number);
        fuzz::must(!again.empty());
      }
      break;
    case 3:
      while (!text.empty() && protocol::unpack_value(text, data[0] / 7 % 7)) {
      }
      break;
    case 4:
      fuzz::must(!util::why_not_printable(util::make_printable(text, 100)));
      break;
    case 5:
      if (const auto range = net::AddressRange::parse(text)) range->contains(text);
      break;
    default:
      // What is no UTF-8 is refused, so that names stay apart.
      if (const auto object = util::read_json_object(text, 4)) {
        util::JsonObjectWriter again;
        for (const auto& [name, value] : object->members) again.boolean(name, true);
        const auto read = util::read_json_object(again.finish(), 1);
        fuzz::must(read && read->members.size() == object->members.size());
      }
  }
  return 0;
}
