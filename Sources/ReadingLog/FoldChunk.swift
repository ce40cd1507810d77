import DeviceProtocol

/// A committed reading as a fold of the log sees it. Plain bytes: no references.
public struct FoldRow: Sendable {
  public var row: Int64
  public var boot: Int64
  /// Unix milliseconds.
  public var eventTime: Int64
  public var receivedTime: Int64
  /// checkin: method or -1; passage: direction * 2 + granted; response: score; incident: category.
  public var value: Int64
  /// response: the item.
  public var item: Int64
  /// Sixteen bytes of a subject; zero where there are none.
  public var token: Token
  /// status: JSON object. Where it stands in the chunk's details; -1 bytes: none.
  public var detailStart: Int32
  public var detailBytes: Int32
  /// The store's number of the device.
  public var device: Int32
  public var seq: UInt32
  public var position: UInt16
  public var kind: UInt8
  public var quality: UInt8
  public var hasSubject: Bool
}

/// A commit, or a part of one, in a chunk.
public struct FoldCommit: Sendable {
  /// The store's number of it.
  public var batch: Int64
  /// Index after its last row in the chunk.
  public var end: Int
  /// When it was committed, Unix milliseconds.
  public var time: Int64
  /// The next chunk goes on with the next commit.
  public var isWhole: Bool
  /// Many old commits summed into one: `time` is that of the last, and a row's is the time it was received.
  public var isSummed: Bool
}

/// How far a fold has come.
public struct FoldCursor: Sendable, Equatable {
  public var row: Int64 = 0
  /// The last commit folded whole.
  public var batch: Int64 = 0
  /// The greatest commit time folded, Unix milliseconds.
  public var logTime: Int64 = 0
  /// The campus version in force; 0: none yet.
  public var version: Int64 = 0
  /// The next campus version is being put in force; what that takes is to be done again from its beginning.
  public var isSwitching = false
  public init() {}
}

/// Some rows of the log in commit order, reused from chunk to chunk.
public struct FoldChunk: Sendable {
  public internal(set) var rows: ContiguousArray<FoldRow> = []
  public internal(set) var details: ContiguousArray<UInt8> = []
  public internal(set) var commits: ContiguousArray<FoldCommit> = []
  /// Where the next chunk begins; only rows and batches are moved.
  public internal(set) var end = FoldCursor()
  /// Rows of the log after this chunk, at most.
  public internal(set) var rowsLeft: Int64 = 0

  public init() {}

  mutating func removeAll() {
    rows.removeAll(keepingCapacity: true)
    details.removeAll(keepingCapacity: true)
    commits.removeAll(keepingCapacity: true)
  }
}
