#include "server/api/alerts/channels_api.h"

#include <spdlog/spdlog.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "server/api/access/access_answers.h"
#include "server/api/answer.h"
#include "server/delivery/channel_json.h"
#include "server/http/requests/json_body.h"
#include "util/text/json_text.h"

namespace hostwatch::api {
namespace {

constexpr std::size_t kMostChannels = 100;

using Figures = std::map<std::string, delivery::ChannelFigures>;

http::Response no_such_channel() {
  return http::Response::error(404, "there is no channel of that name");
}

std::string json_with(const delivery::Channel& channel, const Figures& figures) {
  const auto found = figures.find(channel.name);
  return delivery::channel_json(channel, found == figures.end() ? nullptr : &found->second);
}

/// A channel of the configuration file is not the page's to change.
http::Response of_file() {
  return http::Response::error(409, "the configuration file owns this channel; change it there");
}

std::string test_json(const delivery::DeliveryResult& result) {
  std::string seconds;
  util::append_json_number(seconds, result.seconds);
  util::JsonObjectWriter object;
  object.text("outcome", result.outcome == delivery::Outcome::sent ? "sent" : "failed");
  object.number("status", result.status);
  object.text("error", result.error);
  object.json("seconds", seconds);
  return object.finish();
}

}  // namespace

void ChannelsApi::add_routes(Router& router) {
  router.add("GET", "/alerts/channels", Permission::manage, [this](const Call& call) { return list(call); });
  router.add("PUT", "/alerts/channels/{name}", Permission::manage,
             [this](const Call& call) { return put(call); });
  router.add("DELETE", "/alerts/channels/{name}", Permission::manage,
             [this](const Call& call) { return remove(call); });
  router.add("POST", "/alerts/channels/{name}/test", Permission::manage,
             [this](const Call& call) { return test(call); });
}

Reply ChannelsApi::list(const Call& call) const {
  return answer_later(services_.workers.credentials, call, [this] {
    const Figures figures = services_.alerts.deliveries.figures();
    std::string text = "{\"channels\":[";
    const char* separator = "";
    for (const delivery::Channel& one : *services_.alerts.channels.all()) {
      text.append(separator).append(json_with(one, figures));
      separator = ",";
    }
    return http::Response::json(text + "]}");
  });
}

Reply ChannelsApi::put(const Call& call) const {
  if (auto refusal = http::refuse_body(call.request)) return Reply::now(*std::move(refusal));
  return answer_later(services_.workers.credentials, call,
                      [this, name = call.path.at("name"), body = call.request.body,
                       maker = services_.access.maker_of(call.context.caller)] {
                        const auto known = services_.alerts.channels.find(name);
                        if (known && known->from_file) return of_file();
                        if (!known && services_.alerts.channels.all()->size() >= kMostChannels) {
                          return http::Response::error(
                              409, "there are " + std::to_string(kMostChannels) + " channels already");
                        }
                        try {
                          const delivery::Channel made = services_.alerts.channels.put(name, body);
                          spdlog::info("channel '{}' was {} by {}", made.name, known ? "changed" : "made",
                                       shown(maker));
                          return http::Response::json(json_with(made, services_.alerts.deliveries.figures()),
                                                      known ? 200 : 201);
                        } catch (const delivery::ChannelError& error) {
                          return http::Response::error(400, error.what());
                        }
                      });
}

Reply ChannelsApi::remove(const Call& call) const {
  return answer_later(
      services_.workers.credentials, call,
      [this, name = call.path.at("name"), maker = services_.access.maker_of(call.context.caller)] {
        const auto known = services_.alerts.channels.find(name);
        if (!known) return no_such_channel();
        if (known->from_file) return of_file();
        if (!services_.alerts.channels.remove(name)) return no_such_channel();
        spdlog::info("channel '{}' was removed by {}", name, shown(maker));
        return ok_answer();
      });
}

/// The answer comes from the thread that delivers, after some seconds at most.
Reply ChannelsApi::test(const Call& call) const {
  auto channel = services_.alerts.channels.find(call.path.at("name"));
  if (!channel) return Reply::now(no_such_channel());
  services_.alerts.deliveries.test(*std::move(channel),
                                   [responder = call.responder](const delivery::DeliveryResult& result) {
                                     responder.answer(http::Response::json(test_json(result)));
                                   });
  return Reply::later();
}

}  // namespace hostwatch::api
