#include "server/delivery/delivery_service.h"

#include <utility>

#include "server/delivery/delivery_worker.h"

namespace hostwatch::delivery {

DeliveryService::DeliveryService(DeliverySettings settings, DeliveryCallbacks callbacks)
    : worker_(std::make_unique<DeliveryWorker>(std::move(settings), std::move(callbacks))) {}

DeliveryService::~DeliveryService() = default;

void DeliveryService::set_channels(std::shared_ptr<const std::vector<Channel>> channels) {
  worker_->set_channels(std::move(channels));
}

void DeliveryService::submit(Message message, bool may_have_arrived) {
  worker_->submit(std::move(message), may_have_arrived);
}

bool DeliveryService::withdraw(const std::string& id) {
  return worker_->withdraw(id);
}

void DeliveryService::test(Channel channel, std::function<void(const DeliveryResult&)> told) {
  worker_->test(std::move(channel), std::move(told));
}

void DeliveryService::post_state() {
  worker_->post_state();
}

std::map<std::string, ChannelFigures> DeliveryService::figures() const {
  return worker_->figures();
}

void DeliveryService::wake() {
  worker_->wake();
}

void DeliveryService::stop() {
  worker_->stop();
}

}  // namespace hostwatch::delivery
