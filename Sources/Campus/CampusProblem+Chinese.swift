extension CampusProblem {
  /// The same in Chinese, for the people who keep the directory.
  public var messageZh: String {
    switch self {
    case .directoryMissing: "目录不存在；请把 campus.directory 设为存放 devices.csv 的目录"
    case .fileMissing: "找不到文件；校园目录必须有此文件"
    case .fileUnreadable(let reason): "无法读取：\(reason)"
    case .fileTooLarge(let limit): "文件超过 \(limit) 字节"
    case .enrolmentsWithoutPeople: "缺少 people.csv，选课名单中的人员无从核对"
    case .notUTF8: "不是 UTF-8 编码；请另存为 UTF-8（Excel 选“CSV UTF-8”）"
    case .unterminatedQuote: "本记录中的引号没有闭合"
    case .textAfterQuote: "右引号之后还有文字；字段内的引号要写两遍"
    case .quoteInField: "未加引号的字段里出现引号；请给字段加引号，并把其中的引号写两遍"
    case .noHeader(let columns): "文件为空；首行必须是列名：\(columns.joined(separator: ","))"
    case .wrongSeparator(let separator):
      "分隔符是\(separator == "\t" ? "制表符" : "“\(separator)”")；请使用逗号"
    case .missingColumn(let name, let nearest):
      "缺少列“\(name)”" + (nearest.map { "；是否写成了“\($0)”？" } ?? "")
    case .repeatedColumn(let name): "列“\(name)”重复"
    case .fieldCount(let found, let expected): "有 \(found) 个字段，表头为 \(expected) 个"
    case .emptyCell(let column): "\(column) 为空"
    case .unknownValue(let column, let value, let known, let nearest):
      "\(column) 的值\(quoted(value))无效；"
        + (nearest.map { "是否应为“\($0)”？" } ?? "可用值：\(known.joined(separator: " "))")
    case .badTopicName(let column, let value):
      "\(column) \(quoted(value))不能用于主题：1 至 64 个 A-Z a-z 0-9 . _ - 字符，且不以点开头"
    case .badTime(let column, let value, let fault): "\(column) \(quoted(value))\(fault.messageZh)"
    case .badInteger(let column, let value, let least, let greatest):
      "\(column) \(quoted(value))不是 \(least) 至 \(greatest) 的整数"
    case .badCard(let position, let fault): "此人的第 \(position) 张卡\(fault.messageZh)"
    case .duplicate(let column, let value, let firstLine):
      "\(column) \(quoted(value))与第 \(firstLine) 行重复"
    case .repeatedEnrolment(let group, let firstLine):
      "此人已在第 \(firstLine) 行列入“\(group)”"
    case .unknownReference(let column, let value, let file, let nearest):
      "\(column) \(quoted(value))不在 \(file.rawValue) 中"
        + (nearest.map { "；是否应为“\($0)”？" } ?? "")
    case .notATeacher(let person, let role):
      "teacher_id “\(person)”的角色是 \(role.rawValue)，不是 teacher（教师）"
    case .cycle(let chain): "parent_id 形成循环：\(chain.joined(separator: " → "))"
    case .misplaced(let kind, let parent, let parentKind):
      "\(kind) 不能隶属于“\(parent)”（\(parentKind)）"
    case .sharedCard(let position, let person, let line):
      "此人的第 \(position) 张卡已属于第 \(line) 行的“\(person)”"
    case .endNotAfterStart: "ends_at 不晚于 starts_at"
    case .meetingTooLong(let hours): "一次课超过 \(hours) 小时；请每天各写一行"
    case .startOutOfYears(let first, let last):
      "starts_at 不在 \(first) 至 \(last) 年之间；尚无日期的课请勿列入"
    case .leastAboveGreatest(let least, let greatest): "min \(least) 大于 max \(greatest)"
    }
  }
}

extension ISO8601.Fault {
  fileprivate var messageZh: String {
    switch self {
    case .malformed: "不是时间，应如 2026-09-07T08:30:00+08:00"
    case .noOffset: "缺少时区偏移，应如 2026-09-07T08:30:00+08:00"
    case .outOfRange: "不是存在的日期或时间"
    }
  }
}

extension CampusProblem.CardFault {
  fileprivate var messageZh: String {
    switch self {
    case .notHexadecimal: "不是十六进制"
    case .oddDigits: "的十六进制位数为奇数；是否丢了开头的 0？"
    case .length(let bytes): "为 \(bytes) 字节；卡号应为 4 至 16 字节"
    }
  }
}
