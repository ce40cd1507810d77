/// What the guarantee of a deployment rests on, as far as the doctor could find out; nil: it could not.
struct Evidence: Sendable, Equatable {
  var isBrokerReached = false
  var keepsSession: Bool?
  /// Messages the broker keeps for an absent client before it drops; nil: no limit was met.
  var queueLimit: Int?
  /// Messages it was seen to keep, where all were kept; nil: not tried.
  var kept: Int?
  var isPersistent: Bool?
  /// Seconds of its queue that a power cut of the broker can lose.
  var autosaveSeconds: Int?
  /// Why a commit may be lost on this disk; nil: nothing speaks for it.
  var undurable: Wording?
  /// The store is damaged, or cannot be opened; nil: it is sound, or not there yet.
  var brokenStore: Wording?
}

extension Evidence {
  /// Which delivery guarantee the deployment has: one sentence.
  var guarantee: Wording {
    if let brokenStore {
      return Wording(
        "Nothing can be promised until the store is mended: \(brokenStore.en).", "数据库修复之前无法作出任何保证：\(brokenStore.zh)。")
    }
    if let undurable {
      return Wording(
        "Acknowledged does not mean durable here: \(undurable.en).", "此处“已确认”并不等于“已落盘”：\(undurable.zh)。")
    }
    guard isBrokerReached else {
      return Wording(
        "What the gateway has acknowledged is durable; what the broker keeps while the gateway is away cannot be told, because the broker was not reached.",
        "网关已确认的数据都已落盘；由于未能连接消息服务器，无法判断网关停机期间消息能否保留。")
    }
    if keepsSession == false {
      return Wording(
        "Messages are lost while the gateway is away, because the broker does not keep its session; only devices that wait for receipts send them again.",
        "网关停机期间消息会丢失，因为消息服务器不保留会话；只有等待回执的设备会重发。")
    }
    if let queueLimit {
      return Wording(
        "Messages may be dropped silently while the gateway is away, beyond \(queueLimit) in the broker's queue; only devices that wait for receipts send them again.",
        "网关停机期间，消息服务器队列超过 \(queueLimit) 条后会静默丢弃消息；只有等待回执的设备会重发。")
    }
    if isPersistent == false {
      return Wording(
        "Acknowledged means durable only while the broker stays up: its restart empties the queue of what the gateway has not taken yet, and only devices that wait for receipts send it again.",
        "仅在消息服务器不重启时，“已确认”才等于“已落盘”：它一旦重启，网关尚未取走的队列就会清空，只有等待回执的设备会重发。")
    }
    guard keepsSession == true else {
      return Wording(
        "What the gateway has acknowledged is durable; what the broker keeps while the gateway is away could not be tried.",
        "网关已确认的数据都已落盘；网关停机期间消息服务器能否保留消息，未能验证。")
    }
    guard isPersistent == true else {
      let kept = self.kept ?? 0
      return Wording(
        "Acknowledged means durable across restarts of the gateway while the broker's queue holds: at least \(kept) messages were kept; more was not tried. Across a restart of the broker only if it is persistent, which cannot be seen from here.",
        "网关重启期间，只要未超出消息服务器的队列，已确认的数据不会丢失：至少可保留 \(kept) 条，更多未验证；消息服务器重启时是否丢失，取决于其持久化设置，从此处无法得知。")
    }
    let seconds = autosaveSeconds.map(String.init) ?? "?"
    return Wording(
      "Acknowledged means durable from the broker's PUBACK to the device onwards, across restarts of gateway and broker; only a power cut of the broker's machine can lose the last \(seconds) s of its queue, which devices that wait for receipts send again.",
      "自消息服务器向设备发出 PUBACK 起，“已确认”即不会丢失，网关与消息服务器重启均不受影响；仅当其主机断电时可能丢失队列中最后 \(seconds) 秒的消息，等待回执的设备会重发。")
  }
}
