// Small parsers together: the first byte chooses.
#include "protocol/text.h"
#include "agent/server_url.h"
#include "protocol/http_date.h"
#include "protocol/json_object.h"
#include "protocol/packed_values.h"
#include "protocol/varint.h"
#include "server/auth/address_range.h"
#include "server/auth/password.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hostwatch;
  if (size == 0) return 0;
  std::string_view text = fuzz::text_of(data + 1, size - 1);
  switch (data[0] % 7) {
    case 0:
      if (const auto time = protocol::parse_http_date(text))
        fuzz::must(protocol::parse_http_date(protocol::format_http_date(*time)) == time);
      break;
    case 1:
      try {
        const agent::ServerUrl url = agent::parse_server_url(text);
        fuzz::must(agent::parse_server_url(url.text()) == url);
      } catch (const agent::ServerUrlError&) {
      }
      break;
    case 2:
      while (const auto number = protocol::take_varint(text)) {
        std::string again;
        protocol::put_varint(again, *number);
        fuzz::must(!again.empty());
      }
      break;
    case 3:
      while (!text.empty() && protocol::unpack_value(text, data[0] / 7 % 7)) {
      }
      break;
    case 4:
      fuzz::must(!protocol::why_not_printable(protocol::make_printable(text, 100)));
      break;
    case 5:
      if (const auto range = auth::AddressRange::parse(text)) range->contains(text);
      break;
    default:
      // What is no UTF-8 is refused, so that names stay apart.
      if (const auto object = protocol::read_json_object(text, 4)) {
        protocol::JsonObjectWriter again;
        for (const auto& [name, value] : object->members) again.boolean(name, true);
        const auto read = protocol::read_json_object(again.finish(), 1);
        fuzz::must(read && read->members.size() == object->members.size());
      }
  }
  return 0;
}
