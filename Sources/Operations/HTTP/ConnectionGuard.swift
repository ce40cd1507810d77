import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import Synchronization

/// The open connections: so many at most, and all of them closed at the end of a stop.
final class Connections: Sendable {
  static let limit = 512
  private let open = Mutex<[ObjectIdentifier: any Channel]>([:])

  /// false: there are too many.
  func enter(_ channel: any Channel) -> Bool {
    open.withLock { open in
      guard open.count < Connections.limit else { return false }
      open[ObjectIdentifier(channel)] = channel
      return true
    }
  }

  func leave(_ channel: any Channel) { open.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(channel)) } }

  func closeAll() {
    let channels = open.withLock { Array($0.values) }
    for channel in channels { channel.close(promise: nil) }
  }
}

/// Watches one connection: cuts who sends a request too slowly or does not take the answer, answers what is no HTTP,
/// turns away what is too many. Who sends no request at all is cut by the server's own idle time.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  /// For a request from its head to its end, and for an answer while nothing of it is taken.
  static let patience: TimeAmount = .seconds(10)

  private let connections: Connections
  private var reading: Scheduled<Void>?
  private var stuck: Scheduled<Void>?
  private var unanswered = 0
  private var closesAfterAnswer = false

  init(_ connections: Connections) { self.connections = connections }

  func channelActive(context: ChannelHandlerContext) {
    let isWelcome = connections.enter(context.channel)
    context.fireChannelActive()
    if !isWelcome { turnAway(context, .serviceUnavailable, "too many connections: try again later") }
  }

  func channelInactive(context: ChannelHandlerContext) {
    connections.leave(context.channel)
    reading?.cancel()
    stuck?.cancel()
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head:
      unanswered += 1
      reading?.cancel()
      reading = closing(context)
    case .body: break
    case .end:
      reading?.cancel()
      reading = nil
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch unwrapOutboundIn(data) {
    case .head(let head):
      closesAfterAnswer = head.headerFields[.connection] == "close"
      context.write(data, promise: promise)
    case .body: context.write(data, promise: promise)
    case .end:
      unanswered -= 1
      if closesAfterAnswer {
        context.writeAndFlush(data, promise: promise)
        hangUp(context)
      } else {
        context.write(data, promise: promise)
      }
    }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    stuck?.cancel()
    stuck = context.channel.isWritable ? nil : closing(context)
    context.fireChannelWritabilityChanged()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if error is IOError || error is ChannelError {
      context.fireErrorCaught(error)
    } else if unanswered > 0 {
      context.close(promise: nil)
    } else if case .headerOverflow? = error as? HTTPParserError {
      turnAway(context, .requestHeaderFieldsTooLarge, "the request's head is too large: send fewer or shorter headers")
    } else {
      turnAway(context, .badRequest, "this is no HTTP/1.1 request")
    }
  }

  private func closing(_ context: ChannelHandlerContext) -> Scheduled<Void> {
    let channel = context.channel
    return context.eventLoop.scheduleTask(in: ConnectionGuard.patience) { channel.close(promise: nil) }
  }

  private func turnAway(_ context: ChannelHandlerContext, _ status: HTTPResponse.Status, _ text: String) {
    var body = JSON.object([("problem", .text(text))]).bytes
    body.append(UInt8(ascii: "\n"))
    var fields = FrontDoor.safety
    fields[.contentType] = "application/json"
    fields[.contentLength] = String(body.count)
    fields[.connection] = "close"
    if status == .serviceUnavailable { fields[.retryAfter] = "5" }
    context.write(wrapOutboundOut(.head(HTTPResponse(status: status, headerFields: fields))), promise: nil)
    context.write(wrapOutboundOut(.body(ByteBuffer(bytes: body))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    hangUp(context)
  }

  /// Half-closes, and closes a moment later: with something unread, a close would be a reset, and take the answer
  /// with it.
  private func hangUp(_ context: ChannelHandlerContext) {
    context.close(mode: .output, promise: nil)
    let channel = context.channel
    context.eventLoop.scheduleTask(in: .seconds(1)) { channel.close(promise: nil) }
  }
}
