import Foundation
import Glibc

/// A mosquitto of one run's own, on a free loopback port, that drops and keeps nothing.
struct Broker {
  let child: Child
  let port: Int

  init(in folder: String) throws {
    for _ in 0..<10 {
      let port = Int.random(in: 20000..<40000)
      let path = "\(folder)/mosquitto.conf"
      let text = """
        listener \(port) 127.0.0.1
        allow_anonymous true
        max_queued_messages 0
        max_inflight_messages 0
        persistence false

        """
      try text.write(toFile: path, atomically: false, encoding: .utf8)
      let child = try Child("mosquitto", ["-c", path], in: folder)
      do {
        // A port that is taken ends it at once.
        try child.wait("its port", limit: 10) { child.log.contains("running") }
      } catch {
        child.kill(SIGKILL)
        continue
      }
      self.child = child
      self.port = port
      return
    }
    throw Failure("no broker could be started")
  }

  func stop() throws {
    child.kill(SIGTERM)
    try child.finish(limit: 30)
  }
}
