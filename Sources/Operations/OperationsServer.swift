import Glibc
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// The operations page, metrics and API of a gateway over HTTP. The gateway never depends on it: what fails here is
/// logged once, and intake goes on.
public final class OperationsServer: Service {
  private let settings: OperationsSettings
  private let logger: Logger
  private let hub = EventHub()
  private let connections = Connections()
  private let sampler: NowSampler
  private let work: BlockingWork
  private let door: FrontDoor
  /// One loop for all connections; what waits for the store does so beside it.
  private let executor = LoopExecutor(MultiThreadedEventLoopGroup.singleton.next())
  private let hasListened = Mutex(false)

  /// Milliseconds that requests in progress have at a stop. Event streams end at once.
  static let grace: Int64 = 1_000
  /// Seconds after which a connection that asks nothing is closed.
  static let idleSeconds: Int64 = 10

  public init(
    _ parts: GatewayParts, _ settings: OperationsSettings, logger: Logger
  ) throws(OperationsError) {
    try settings.check()
    self.settings = settings
    self.logger = logger
    let metrics = GatewayMetrics()
    sampler = NowSampler(parts, hub: hub, metrics: metrics, logger: logger)
    let desk = Desk(
      parts: parts, sampler: sampler, hub: hub, metrics: metrics, days: DayPlans(timeZone: parts.timeZone))
    work = desk.work
    door = FrontDoor(
      endpoints: Endpoints(desk.endpoints), gatekeeper: Gatekeeper(token: settings.token, host: settings.host),
      metrics: metrics, logger: logger)
  }

  /// What has to run; the last is to be stopped first.
  public var services: [any Service] { [sampler, self] }

  /// Tries to listen, and stops again: a port in use is to be told before anything runs.
  public func checkAddress() async throws(OperationsError) {
    guard settings.port != 0 else { return }
    do {
      let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
        .bind(host: settings.host, port: settings.port).get()
      try await channel.close().get()
    } catch {
      throw .cannotListen(host: settings.host, port: settings.port, reason: OperationsServer.reason(error))
    }
  }

  public func run() async throws {
    let application = try makeApplication()
    let (hub, connections, work) = (self.hub, self.connections, self.work)
    try await withTaskCancellationOrGracefulShutdownHandler {
      do {
        try await withTaskExecutorPreference(executor) { try await application.run() }
      } catch {
        if Task.isCancelled { return }
        guard hasListened.withLock({ $0 }) else {
          throw OperationsError.cannotListen(
            host: settings.host, port: settings.port, reason: OperationsServer.reason(error))
        }
        logger.error("page, metrics and API are gone until the next start; intake goes on: \(error)")
      }
      // The gateway is to go on without its page.
      do { try await gracefulShutdown() } catch { return }
    } onCancelOrGracefulShutdown: {
      hub.stop()
      // Who does not take an answer must not hold up the stop.
      MultiThreadedEventLoopGroup.singleton.next().scheduleTask(in: .milliseconds(OperationsServer.grace)) {
        connections.closeAll()
        work.stop()
      }
    }
  }

  private func makeApplication() throws -> some ApplicationProtocol {
    let connections = self.connections
    let channel = HTTP1Channel.Configuration(
      additionalChannelHandlers: [ConnectionGuard(connections)], idleTimeout: .seconds(OperationsServer.idleSeconds),
      httpDecoderConfiguration: .init(
        maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100))
    let server: HTTPServerBuilder
    if let tls = settings.tls {
      server = try .tls(.http1(configuration: channel), tlsConfiguration: tls)
    } else {
      server = .http1(configuration: channel)
    }
    var quiet = Logger(label: "http")
    quiet.logLevel = .critical
    let settings = self.settings
    return Application(
      responder: door, server: server,
      configuration: .init(address: .hostname(settings.host, port: settings.port), serverName: "campus-gateway"),
      onServerRunning: { channel in self.announce(channel.localAddress?.port ?? settings.port) },
      eventLoopGroupProvider: .shared(executor.loop), logger: quiet)
  }

  private func announce(_ port: Int) {
    hasListened.withLock { $0 = true }
    let name = settings.host == "0.0.0.0" || settings.host == "::" ? "127.0.0.1" : settings.host
    let host = name.contains(":") && !name.hasPrefix("[") ? "[\(name)]" : name
    logger.info("page \(settings.tls == nil ? "http" : "https")://\(host):\(port)/")
  }

  private static func reason(_ error: any Error) -> String {
    guard let error = error as? IOError else { return "\(error)" }
    return String(cString: strerror(error.errnoCode))
  }
}
