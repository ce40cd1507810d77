import HTTPTypes
import Hummingbird
import NIOCore

extension Desk {
  /// Bytes of events that may be on their way to a reader beside those that wait for it: with the system's usual
  /// buffers a reader that is gone would be noticed after many minutes.
  private static let socketBytes: CInt = 16 << 10

  func events(_ call: Call) throws(Problem) -> Response {
    guard !hub.isFull else {
      throw Problem(
        .serviceUnavailable, "\(EventHub.limit) event streams are open, or the gateway stops: try again later",
        headers: [.retryAfter: "10"])
    }
    let channel = call.channel
    let headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-store"]
    return Response(
      status: .ok, headers: headers,
      body: ResponseBody { writer in
        _ = channel.setOption(ChannelOptions.socketOption(.so_sndbuf), value: .init(Desk.socketBytes))
        _ = channel.setOption(
          ChannelOptions.writeBufferWaterMark, value: .init(low: 8 << 10, high: Int(Desk.socketBytes)))
        // Joined here and not before: a body that is never begun could not leave again.
        guard let (number, subscriber) = hub.join(channel) else { return try await writer.finish(nil) }
        defer { hub.leave(number) }
        try await writer.write(ServerEvent.opening)
        if let now = sampler.currentJSON { try await writer.write(ServerEvent.encode("now", now)) }
        while let event = await subscriber.next() { try await writer.write(event) }
        try await writer.finish(nil)
      })
  }
}
