import GRDB

/// What the diagnosis core refuses, with what to do.
public enum DiagnosisError: Error, Sendable, Equatable, CustomStringConvertible {
  // The batch.
  case tooLarge(bytes: Int, limit: Int)
  /// Not the JSON batch of the contract; `event` counts from 0, nil: the batch as a whole.
  case malformed(event: Int?, String)
  case unsigned
  /// Seconds the timestamp is ahead of our clock; negative: behind.
  case wrongTime(seconds: Int64)
  case wrongSignature
  /// The secret is empty or not the base64 it says it is.
  case unusableSecret

  // A step of a person.
  case noSuchWarning(Int64)
  /// The step cannot be taken in this state.
  case wrongState(Int64, Warning.State, step: Warning.Step.Kind)
  case missingText(Text)

  /// What a person must say.
  public enum Text: Sendable, Equatable {
    case name, measure, reason
  }

  // The store.
  case noStore(path: String)
  case newerStore(path: String)
  /// A reader was refused by the file, its folder or the file system.
  case unreadable(String)
  /// Whoever owns the store has started while it was read without its write-ahead log.
  case changed(path: String)
  case store(String, doing: String)

  init(_ error: any Error, doing: String) {
    if let error = error as? DiagnosisError {
      self = error
    } else if let error = error as? DatabaseError {
      self = .store("SQLite error \(error.extendedResultCode.rawValue): \(error.message ?? "")", doing: doing)
    } else {
      self = .store("\(error)", doing: doing)
    }
  }

  /// The HTTP status that tells the sender: 4xx puts the batch aside, 5xx asks for it again.
  public var httpStatus: Int {
    switch self {
    case .tooLarge: 413
    // Only a warning in this state needs a reason.
    case .missingText(.reason): 409
    case .malformed, .missingText: 400
    case .unsigned, .wrongTime, .wrongSignature: 401
    case .noSuchWarning: 404
    case .wrongState: 409
    case .unusableSecret, .noStore, .newerStore, .unreadable, .changed, .store: 500
    }
  }

  public var description: String {
    switch self {
    case .tooLarge(let bytes, let limit):
      "the batch has \(bytes) bytes, \(limit) are allowed: send smaller batches"
    case .malformed(let event?, let problem): "event \(event) of the batch: \(problem)"
    case .malformed(nil, let problem): "not a CloudEvents JSON batch: \(problem)"
    case .unsigned:
      "the batch is not signed: send webhook-id, webhook-timestamp and webhook-signature (diagnosis.secret_file)"
    case .wrongTime(let seconds):
      "the batch's timestamp is \(seconds.magnitude) s \(seconds > 0 ? "ahead" : "old"): set both machines' clocks"
    case .wrongSignature: "the batch's signature is wrong: use the same secret on both sides (diagnosis.secret_file)"
    case .unusableSecret: "the secret cannot be used: whsec_ and base64, or any text of 1 byte or more"
    case .noSuchWarning(let id): "there is no warning \(id): campus-gateway warnings list shows them"
    case .wrongState(let id, let state, let step):
      "warning \(id) is \(state.rawValue): it cannot be \(step == .improving ? "improved" : step.rawValue)"
    case .missingText(.name): "who takes the step is missing: give a name"
    case .missingText(.measure): "the measure taken is missing: say what is done about the cause"
    case .missingText(.reason): "the data have not verified the warning yet: say in a note why it is closed"
    case .noStore(let path): "there is no diagnosis store at \(path): run the diagnosis core once"
    case .newerStore(let path): "the diagnosis store \(path) was written by a newer version: use that version"
    case .unreadable(let doing):
      "the diagnosis store cannot be read (\(doing)): check owner and mode of its folder and files, and run the command as the gateway's user, who alone may make the files that SQLite needs beside it"
    case .changed(let path):
      "the diagnosis store \(path) was changed while it was read, by a core or a command that started meanwhile: run the command again"
    case .store(let problem, let doing): "the diagnosis store failed (\(doing)): \(problem)"
    }
  }

  /// The same in Chinese.
  public var messageZh: String {
    switch self {
    case .tooLarge(let bytes, let limit): "批次为 \(bytes) 字节，上限 \(limit) 字节；请减小批次"
    case .malformed(let event?, let problem): "批次中第 \(event) 个事件有误：\(problem)"
    case .malformed(nil, let problem): "不是 CloudEvents JSON 批次：\(problem)"
    case .unsigned: "批次未签名；请发送 webhook-id、webhook-timestamp 与 webhook-signature（diagnosis.secret_file）"
    case .wrongTime(let seconds): "批次时间戳\(seconds > 0 ? "超前" : "滞后") \(seconds.magnitude) 秒；请校准两端时钟"
    case .wrongSignature: "批次签名错误；两端须使用相同密钥（diagnosis.secret_file）"
    case .unusableSecret: "密钥不可用；应为 whsec_ 加 base64，或非空文本"
    case .noSuchWarning(let id): "没有预警 \(id)；可用 campus-gateway warnings list 查看"
    case .wrongState(let id, let state, let step): "预警 \(id) \(state.chinese)，不能执行“\(step.chinese)”"
    case .missingText(.name): "缺少操作人；请填写姓名"
    case .missingText(.measure): "缺少改进措施；请说明针对原因采取了什么措施"
    case .missingText(.reason): "数据尚未验证该预警；关闭须在备注中说明原因"
    case .noStore(let path): "\(path) 处没有诊改核心数据库；请先运行诊改核心"
    case .newerStore(let path): "诊改核心数据库 \(path) 由更新的版本写成；请使用该版本"
    case .unreadable(let doing): "诊改核心数据库无法读取（\(doing)）；请检查目录与文件的属主和权限，并以网关的用户运行该命令"
    case .changed(let path): "读取期间诊改核心数据库 \(path) 已被刚启动的核心或命令更改；请重新运行该命令"
    case .store(let problem, let doing): "诊改核心数据库故障（\(doing)）：\(problem)"
    }
  }
}
